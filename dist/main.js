import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

/***/ 67:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http");

/***/ }),

/***/ 708:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:https");

/***/ }),

/***/ 522:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");

/***/ })

/******/ });
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/ 
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
/******/ 	// Check if module is in cache
/******/ 	var cachedModule = __webpack_module_cache__[moduleId];
/******/ 	if (cachedModule !== undefined) {
/******/ 		return cachedModule.exports;
/******/ 	}
/******/ 	// Create a new module (and put it into the cache)
/******/ 	var module = __webpack_module_cache__[moduleId] = {
/******/ 		// no module.id needed
/******/ 		// no module.loaded needed
/******/ 		exports: {}
/******/ 	};
/******/ 
/******/ 	// Execute the module function
/******/ 	var threw = true;
/******/ 	try {
/******/ 		__webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
/******/ 		threw = false;
/******/ 	} finally {
/******/ 		if(threw) delete __webpack_module_cache__[moduleId];
/******/ 	}
/******/ 
/******/ 	// Return the exports of the module
/******/ 	return module.exports;
/******/ }
/******/ 
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
/******/ 
/******/ /* webpack/runtime/create fake namespace object */
/******/ (() => {
/******/ 	var getProto = Object.getPrototypeOf ? (obj) => (Object.getPrototypeOf(obj)) : (obj) => (obj.__proto__);
/******/ 	var leafPrototypes;
/******/ 	// create a fake namespace object
/******/ 	// mode & 1: value is a module id, require it
/******/ 	// mode & 2: merge all properties of value into the ns
/******/ 	// mode & 4: return value when already ns object
/******/ 	// mode & 16: return value when it's Promise-like
/******/ 	// mode & 8|1: behave like require
/******/ 	__nccwpck_require__.t = function(value, mode) {
/******/ 		if(mode & 1) value = this(value);
/******/ 		if(mode & 8) return value;
/******/ 		if(typeof value === 'object' && value) {
/******/ 			if((mode & 4) && value.__esModule) return value;
/******/ 			if((mode & 16) && typeof value.then === 'function') return value;
/******/ 		}
/******/ 		var ns = Object.create(null);
/******/ 		__nccwpck_require__.r(ns);
/******/ 		var def = {};
/******/ 		leafPrototypes = leafPrototypes || [null, getProto({}), getProto([]), getProto(getProto)];
/******/ 		for(var current = mode & 2 && value; typeof current == 'object' && !~leafPrototypes.indexOf(current); current = getProto(current)) {
/******/ 			Object.getOwnPropertyNames(current).forEach((key) => (def[key] = () => (value[key])));
/******/ 		}
/******/ 		def['default'] = () => (value);
/******/ 		__nccwpck_require__.d(ns, def);
/******/ 		return ns;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
/******/ 	// define getter functions for harmony exports
/******/ 	__nccwpck_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
/******/ 	__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ })();
/******/ 
/******/ /* webpack/runtime/make namespace object */
/******/ (() => {
/******/ 	// define __esModule on exports
/******/ 	__nccwpck_require__.r = (exports) => {
/******/ 		if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
/******/ 			Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
/******/ 		}
/******/ 		Object.defineProperty(exports, '__esModule', { value: true });
/******/ 	};
/******/ })();
/******/ 
/************************************************************************/
var __webpack_exports__ = {};

;// CONCATENATED MODULE: external "node:fs"
const external_node_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");
;// CONCATENATED MODULE: external "os"
const external_os_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("os");
;// CONCATENATED MODULE: external "crypto"
const external_crypto_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("crypto");
;// CONCATENATED MODULE: external "fs"
const external_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");
;// CONCATENATED MODULE: external "node:stream"
const external_node_stream_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream");
;// CONCATENATED MODULE: ./lib/main.js







// \0rolldown/runtime.js
var __defProp = Object.defineProperty;
var __esmMin = (fn, res, err) => () => {
	if (err) throw err[0];
	try {
		return fn && (res = fn(fn = 0)), res;
	} catch (e) {
		throw err = [e], e;
	}
};
var __exportAll = (all, no_symbols) => {
	let target = {};
	for (var name in all) __defProp(target, name, {
		get: all[name],
		enumerable: true
	});
	if (!no_symbols) __defProp(target, Symbol.toStringTag, { value: "Module" });
	return target;
};
// node_modules/@actions/core/lib/utils.js
/**
* Sanitizes an input into a string so it can be passed into issueCommand safely
* @param input input to sanitize into a string
*/
function toCommandValue(input) {
	if (input === null || input === void 0) return "";
	else if (typeof input === "string" || input instanceof String) return input;
	return JSON.stringify(input);
}
/**
*
* @param annotationProperties
* @returns The command properties to send with the actual annotation command
* See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
*/
function toCommandProperties(annotationProperties) {
	if (!Object.keys(annotationProperties).length) return {};
	return {
		title: annotationProperties.title,
		file: annotationProperties.file,
		line: annotationProperties.startLine,
		endLine: annotationProperties.endLine,
		col: annotationProperties.startColumn,
		endColumn: annotationProperties.endColumn
	};
}
// node_modules/@actions/core/lib/command.js
/**
* Issues a command to the GitHub Actions runner
*
* @param command - The command name to issue
* @param properties - Additional properties for the command (key-value pairs)
* @param message - The message to include with the command
* @remarks
* This function outputs a specially formatted string to stdout that the Actions
* runner interprets as a command. These commands can control workflow behavior,
* set outputs, create annotations, mask values, and more.
*
* Command Format:
*   ::name key=value,key=value::message
*
* @example
* ```typescript
* // Issue a warning annotation
* issueCommand('warning', {}, 'This is a warning message');
* // Output: ::warning::This is a warning message
*
* // Set an environment variable
* issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
* // Output: ::set-env name=MY_VAR::some value
*
* // Add a secret mask
* issueCommand('add-mask', {}, 'secretValue123');
* // Output: ::add-mask::secretValue123
* ```
*
* @internal
* This is an internal utility function that powers the public API functions
* such as setSecret, warning, error, and exportVariable.
*/
function issueCommand(command, properties, message) {
	const cmd = new Command(command, properties, message);
	process.stdout.write(cmd.toString() + external_os_namespaceObject.EOL);
}
const CMD_STRING = "::";
var Command = class {
	constructor(command, properties, message) {
		if (!command) command = "missing.command";
		this.command = command;
		this.properties = properties;
		this.message = message;
	}
	toString() {
		let cmdStr = CMD_STRING + this.command;
		if (this.properties && Object.keys(this.properties).length > 0) {
			cmdStr += " ";
			let first = true;
			for (const key in this.properties) if (this.properties.hasOwnProperty(key)) {
				const val = this.properties[key];
				if (val) {
					if (first) first = false;
					else cmdStr += ",";
					cmdStr += `${key}=${escapeProperty(val)}`;
				}
			}
		}
		cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
		return cmdStr;
	}
};
function escapeData(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}
function escapeProperty(s) {
	return toCommandValue(s).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/:/g, "%3A").replace(/,/g, "%2C");
}
// node_modules/@actions/core/lib/file-command.js
function issueFileCommand(command, message) {
	const filePath = process.env[`GITHUB_${command}`];
	if (!filePath) throw new Error(`Unable to find environment variable for file command ${command}`);
	if (!external_fs_namespaceObject.existsSync(filePath)) throw new Error(`Missing file at path: ${filePath}`);
	external_fs_namespaceObject.appendFileSync(filePath, `${toCommandValue(message)}${external_os_namespaceObject.EOL}`, { encoding: "utf8" });
}
function prepareKeyValueMessage(key, value) {
	const delimiter = `ghadelimiter_${external_crypto_namespaceObject.randomUUID()}`;
	const convertedValue = toCommandValue(value);
	if (key.includes(delimiter)) throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
	if (convertedValue.includes(delimiter)) throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
	return `${key}<<${delimiter}${external_os_namespaceObject.EOL}${convertedValue}${external_os_namespaceObject.EOL}${delimiter}`;
}
// node_modules/@actions/core/lib/summary.js
var __awaiter$1 = function(thisArg, _arguments, P, generator) {
	function adopt(value) {
		return value instanceof P ? value : new P(function(resolve) {
			resolve(value);
		});
	}
	return new (P || (P = Promise))(function(resolve, reject) {
		function fulfilled(value) {
			try {
				step(generator.next(value));
			} catch (e) {
				reject(e);
			}
		}
		function rejected(value) {
			try {
				step(generator["throw"](value));
			} catch (e) {
				reject(e);
			}
		}
		function step(result) {
			result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected);
		}
		step((generator = generator.apply(thisArg, _arguments || [])).next());
	});
};
const { access, appendFile, writeFile } = external_fs_namespaceObject.promises;
const SUMMARY_ENV_VAR = "GITHUB_STEP_SUMMARY";
var Summary = class {
	constructor() {
		this._buffer = "";
	}
	/**
	* Finds the summary file path from the environment, rejects if env var is not found or file does not exist
	* Also checks r/w permissions.
	*
	* @returns step summary file path
	*/
	filePath() {
		return __awaiter$1(this, void 0, void 0, function* () {
			if (this._filePath) return this._filePath;
			const pathFromEnv = process.env[SUMMARY_ENV_VAR];
			if (!pathFromEnv) throw new Error(`Unable to find environment variable for $${SUMMARY_ENV_VAR}. Check if your runtime environment supports job summaries.`);
			try {
				yield access(pathFromEnv, external_fs_namespaceObject.constants.R_OK | external_fs_namespaceObject.constants.W_OK);
			} catch (_a) {
				throw new Error(`Unable to access summary file: '${pathFromEnv}'. Check if the file has correct read/write permissions.`);
			}
			this._filePath = pathFromEnv;
			return this._filePath;
		});
	}
	/**
	* Wraps content in an HTML tag, adding any HTML attributes
	*
	* @param {string} tag HTML tag to wrap
	* @param {string | null} content content within the tag
	* @param {[attribute: string]: string} attrs key-value list of HTML attributes to add
	*
	* @returns {string} content wrapped in HTML element
	*/
	wrap(tag, content, attrs = {}) {
		const htmlAttrs = Object.entries(attrs).map(([key, value]) => ` ${key}="${value}"`).join("");
		if (!content) return `<${tag}${htmlAttrs}>`;
		return `<${tag}${htmlAttrs}>${content}</${tag}>`;
	}
	/**
	* Writes text in the buffer to the summary buffer file and empties buffer. Will append by default.
	*
	* @param {SummaryWriteOptions} [options] (optional) options for write operation
	*
	* @returns {Promise<Summary>} summary instance
	*/
	write(options) {
		return __awaiter$1(this, void 0, void 0, function* () {
			const overwrite = !!(options === null || options === void 0 ? void 0 : options.overwrite);
			const filePath = yield this.filePath();
			yield (overwrite ? writeFile : appendFile)(filePath, this._buffer, { encoding: "utf8" });
			return this.emptyBuffer();
		});
	}
	/**
	* Clears the summary buffer and wipes the summary file
	*
	* @returns {Summary} summary instance
	*/
	clear() {
		return __awaiter$1(this, void 0, void 0, function* () {
			return this.emptyBuffer().write({ overwrite: true });
		});
	}
	/**
	* Returns the current summary buffer as a string
	*
	* @returns {string} string of summary buffer
	*/
	stringify() {
		return this._buffer;
	}
	/**
	* If the summary buffer is empty
	*
	* @returns {boolen} true if the buffer is empty
	*/
	isEmptyBuffer() {
		return this._buffer.length === 0;
	}
	/**
	* Resets the summary buffer without writing to summary file
	*
	* @returns {Summary} summary instance
	*/
	emptyBuffer() {
		this._buffer = "";
		return this;
	}
	/**
	* Adds raw text to the summary buffer
	*
	* @param {string} text content to add
	* @param {boolean} [addEOL=false] (optional) append an EOL to the raw text (default: false)
	*
	* @returns {Summary} summary instance
	*/
	addRaw(text, addEOL = false) {
		this._buffer += text;
		return addEOL ? this.addEOL() : this;
	}
	/**
	* Adds the operating system-specific end-of-line marker to the buffer
	*
	* @returns {Summary} summary instance
	*/
	addEOL() {
		return this.addRaw(external_os_namespaceObject.EOL);
	}
	/**
	* Adds an HTML codeblock to the summary buffer
	*
	* @param {string} code content to render within fenced code block
	* @param {string} lang (optional) language to syntax highlight code
	*
	* @returns {Summary} summary instance
	*/
	addCodeBlock(code, lang) {
		const attrs = Object.assign({}, lang && { lang });
		const element = this.wrap("pre", this.wrap("code", code), attrs);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML list to the summary buffer
	*
	* @param {string[]} items list of items to render
	* @param {boolean} [ordered=false] (optional) if the rendered list should be ordered or not (default: false)
	*
	* @returns {Summary} summary instance
	*/
	addList(items, ordered = false) {
		const tag = ordered ? "ol" : "ul";
		const listItems = items.map((item) => this.wrap("li", item)).join("");
		const element = this.wrap(tag, listItems);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML table to the summary buffer
	*
	* @param {SummaryTableCell[]} rows table rows
	*
	* @returns {Summary} summary instance
	*/
	addTable(rows) {
		const tableBody = rows.map((row) => {
			const cells = row.map((cell) => {
				if (typeof cell === "string") return this.wrap("td", cell);
				const { header, data, colspan, rowspan } = cell;
				const tag = header ? "th" : "td";
				const attrs = Object.assign(Object.assign({}, colspan && { colspan }), rowspan && { rowspan });
				return this.wrap(tag, data, attrs);
			}).join("");
			return this.wrap("tr", cells);
		}).join("");
		const element = this.wrap("table", tableBody);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds a collapsable HTML details element to the summary buffer
	*
	* @param {string} label text for the closed state
	* @param {string} content collapsable content
	*
	* @returns {Summary} summary instance
	*/
	addDetails(label, content) {
		const element = this.wrap("details", this.wrap("summary", label) + content);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML image tag to the summary buffer
	*
	* @param {string} src path to the image you to embed
	* @param {string} alt text description of the image
	* @param {SummaryImageOptions} options (optional) addition image attributes
	*
	* @returns {Summary} summary instance
	*/
	addImage(src, alt, options) {
		const { width, height } = options || {};
		const attrs = Object.assign(Object.assign({}, width && { width }), height && { height });
		const element = this.wrap("img", null, Object.assign({
			src,
			alt
		}, attrs));
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML section heading element
	*
	* @param {string} text heading text
	* @param {number | string} [level=1] (optional) the heading level, default: 1
	*
	* @returns {Summary} summary instance
	*/
	addHeading(text, level) {
		const tag = `h${level}`;
		const allowedTag = [
			"h1",
			"h2",
			"h3",
			"h4",
			"h5",
			"h6"
		].includes(tag) ? tag : "h1";
		const element = this.wrap(allowedTag, text);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML thematic break (<hr>) to the summary buffer
	*
	* @returns {Summary} summary instance
	*/
	addSeparator() {
		const element = this.wrap("hr", null);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML line break (<br>) to the summary buffer
	*
	* @returns {Summary} summary instance
	*/
	addBreak() {
		const element = this.wrap("br", null);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML blockquote to the summary buffer
	*
	* @param {string} text quote text
	* @param {string} cite (optional) citation url
	*
	* @returns {Summary} summary instance
	*/
	addQuote(text, cite) {
		const attrs = Object.assign({}, cite && { cite });
		const element = this.wrap("blockquote", text, attrs);
		return this.addRaw(element).addEOL();
	}
	/**
	* Adds an HTML anchor tag to the summary buffer
	*
	* @param {string} text link text/content
	* @param {string} href hyperlink
	*
	* @returns {Summary} summary instance
	*/
	addLink(text, href) {
		const element = this.wrap("a", text, { href });
		return this.addRaw(element).addEOL();
	}
};
const summary = new Summary();
/**
* The code to exit an action
*/
var ExitCode;
(function(ExitCode) {
	/**
	* A code indicating that the action was successful
	*/
	ExitCode[ExitCode["Success"] = 0] = "Success";
	/**
	* A code indicating that the action was a failure
	*/
	ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
/**
* Sets env variable for this action and future actions in the job
* @param name the name of the variable to set
* @param val the value of the variable. Non-string values will be converted to a string via JSON.stringify
*/
function exportVariable(name, val) {
	const convertedVal = toCommandValue(val);
	process.env[name] = convertedVal;
	if (process.env["GITHUB_ENV"] || "") return issueFileCommand("ENV", prepareKeyValueMessage(name, val));
	issueCommand("set-env", { name }, convertedVal);
}
/**
* Registers a secret which will get masked from logs
*
* @param secret - Value of the secret to be masked
* @remarks
* This function instructs the Actions runner to mask the specified value in any
* logs produced during the workflow run. Once registered, the secret value will
* be replaced with asterisks (***) whenever it appears in console output, logs,
* or error messages.
*
* This is useful for protecting sensitive information such as:
* - API keys
* - Access tokens
* - Authentication credentials
* - URL parameters containing signatures (SAS tokens)
*
* Note that masking only affects future logs; any previous appearances of the
* secret in logs before calling this function will remain unmasked.
*
* @example
* ```typescript
* // Register an API token as a secret
* const apiToken = "abc123xyz456";
* setSecret(apiToken);
*
* // Now any logs containing this value will show *** instead
* console.log(`Using token: ${apiToken}`); // Outputs: "Using token: ***"
* ```
*/
function setSecret(secret) {
	issueCommand("add-mask", {}, secret);
}
/**
* Gets the value of an input.
* Unless trimWhitespace is set to false in InputOptions, the value is also trimmed.
* Returns an empty string if the value is not defined.
*
* @param     name     name of the input to get
* @param     options  optional. See InputOptions.
* @returns   string
*/
function getInput(name, options) {
	const val = process.env[`INPUT_${name.replace(/ /g, "_").toUpperCase()}`] || "";
	if (options && options.required && !val) throw new Error(`Input required and not supplied: ${name}`);
	if (options && options.trimWhitespace === false) return val;
	return val.trim();
}
/**
* Sets the value of an output.
*
* @param     name     name of the output to set
* @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
*/
function setOutput(name, value) {
	if (process.env["GITHUB_OUTPUT"] || "") return issueFileCommand("OUTPUT", prepareKeyValueMessage(name, value));
	process.stdout.write(external_os_namespaceObject.EOL);
	issueCommand("set-output", { name }, toCommandValue(value));
}
/**
* Adds an error issue
* @param message error issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function error(message, properties = {}) {
	issueCommand("error", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Adds a warning issue
* @param message warning issue message. Errors will be converted to string via toString()
* @param properties optional properties to add to the annotation.
*/
function warning(message, properties = {}) {
	issueCommand("warning", toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
* Writes info to log with console.log.
* @param message info message
*/
function info(message) {
	process.stdout.write(message + external_os_namespaceObject.EOL);
}
/**
* Saves state for current action, the state can only be retrieved by this action's post job execution.
*
* @param     name     name of the state to store
* @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
*/
function saveState(name, value) {
	if (process.env["GITHUB_STATE"] || "") return issueFileCommand("STATE", prepareKeyValueMessage(name, value));
	issueCommand("save-state", { name }, toCommandValue(value));
}
// node_modules/oauth4webapi/build/index.js
let USER_AGENT;
if (typeof navigator === "undefined" || !navigator.userAgent?.startsWith?.("Mozilla/5.0 ")) USER_AGENT = `oauth4webapi/v3.8.8`;
function looseInstanceOf(input, expected) {
	if (input == null) return false;
	try {
		return input instanceof expected || Object.getPrototypeOf(input)[Symbol.toStringTag] === expected.prototype[Symbol.toStringTag];
	} catch {
		return false;
	}
}
const ERR_INVALID_ARG_VALUE = "ERR_INVALID_ARG_VALUE";
const ERR_INVALID_ARG_TYPE = "ERR_INVALID_ARG_TYPE";
function CodedTypeError(message, code, cause) {
	const err = new TypeError(message, { cause });
	Object.assign(err, { code });
	return err;
}
const allowInsecureRequests = Symbol();
const clockSkew = Symbol();
const clockTolerance = Symbol();
const customFetch = Symbol();
const jweDecrypt = Symbol();
const encoder = new TextEncoder();
const decoder = new TextDecoder();
function buf(input) {
	if (typeof input === "string") return encoder.encode(input);
	return decoder.decode(input);
}
let encodeBase64Url;
if (Uint8Array.prototype.toBase64) encodeBase64Url = (input) => {
	if (input instanceof ArrayBuffer) input = new Uint8Array(input);
	return input.toBase64({
		alphabet: "base64url",
		omitPadding: true
	});
};
else {
	const CHUNK_SIZE = 32768;
	encodeBase64Url = (input) => {
		if (input instanceof ArrayBuffer) input = new Uint8Array(input);
		const arr = [];
		for (let i = 0; i < input.byteLength; i += CHUNK_SIZE) arr.push(String.fromCharCode.apply(null, input.subarray(i, i + CHUNK_SIZE)));
		return btoa(arr.join("")).replace(/=/g, "").replace(/\+/g, "-").replace(/\//g, "_");
	};
}
let decodeBase64Url;
if (Uint8Array.fromBase64) decodeBase64Url = (input) => {
	try {
		return Uint8Array.fromBase64(input, { alphabet: "base64url" });
	} catch (cause) {
		throw CodedTypeError("The input to be decoded is not correctly encoded.", ERR_INVALID_ARG_VALUE, cause);
	}
};
else decodeBase64Url = (input) => {
	try {
		const binary = atob(input.replace(/-/g, "+").replace(/_/g, "/").replace(/\s/g, ""));
		const bytes = new Uint8Array(binary.length);
		for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
		return bytes;
	} catch (cause) {
		throw CodedTypeError("The input to be decoded is not correctly encoded.", ERR_INVALID_ARG_VALUE, cause);
	}
};
function b64u(input) {
	if (typeof input === "string") return decodeBase64Url(input);
	return encodeBase64Url(input);
}
var UnsupportedOperationError = class extends Error {
	code;
	constructor(message, options) {
		super(message, options);
		this.name = this.constructor.name;
		this.code = UNSUPPORTED_OPERATION;
		Error.captureStackTrace?.(this, this.constructor);
	}
};
var OperationProcessingError = class extends Error {
	code;
	constructor(message, options) {
		super(message, options);
		this.name = this.constructor.name;
		if (options?.code) this.code = options?.code;
		Error.captureStackTrace?.(this, this.constructor);
	}
};
function OPE(message, code, cause) {
	return new OperationProcessingError(message, {
		code,
		cause
	});
}
function isJsonObject(input) {
	if (input === null || typeof input !== "object" || Array.isArray(input)) return false;
	return true;
}
function prepareHeaders(input) {
	if (looseInstanceOf(input, Headers)) input = Object.fromEntries(input.entries());
	const headers = new Headers(input ?? {});
	if (USER_AGENT && !headers.has("user-agent")) headers.set("user-agent", USER_AGENT);
	if (headers.has("authorization")) throw CodedTypeError("\"options.headers\" must not include the \"authorization\" header name", ERR_INVALID_ARG_VALUE);
	return headers;
}
function signal(url, value) {
	if (value !== void 0) {
		if (typeof value === "function") value = value(url.href);
		if (!(value instanceof AbortSignal)) throw CodedTypeError("\"options.signal\" must return or be an instance of AbortSignal", ERR_INVALID_ARG_TYPE);
		return value;
	}
}
function assertNumber(input, allow0, it, code, cause) {
	try {
		if (typeof input !== "number" || !Number.isFinite(input)) throw CodedTypeError(`${it} must be a number`, ERR_INVALID_ARG_TYPE, cause);
		if (input > 0) return;
		if (allow0) {
			if (input !== 0) throw CodedTypeError(`${it} must be a non-negative number`, ERR_INVALID_ARG_VALUE, cause);
			return;
		}
		throw CodedTypeError(`${it} must be a positive number`, ERR_INVALID_ARG_VALUE, cause);
	} catch (err) {
		if (code) throw OPE(err.message, code, cause);
		throw err;
	}
}
function assertString(input, it, code, cause) {
	try {
		if (typeof input !== "string") throw CodedTypeError(`${it} must be a string`, ERR_INVALID_ARG_TYPE, cause);
		if (input.length === 0) throw CodedTypeError(`${it} must not be empty`, ERR_INVALID_ARG_VALUE, cause);
	} catch (err) {
		if (code) throw OPE(err.message, code, cause);
		throw err;
	}
}
function assertApplicationJson(response) {
	assertContentType(response, "application/json");
}
function notJson(response, ...types) {
	let msg = "\"response\" content-type must be ";
	if (types.length > 2) {
		const last = types.pop();
		msg += `${types.join(", ")}, or ${last}`;
	} else if (types.length === 2) msg += `${types[0]} or ${types[1]}`;
	else msg += types[0];
	return OPE(msg, RESPONSE_IS_NOT_JSON, response);
}
function assertContentType(response, contentType) {
	if (getContentType(response) !== contentType) throw notJson(response, contentType);
}
function getClockSkew(client) {
	const skew = client?.[clockSkew];
	return typeof skew === "number" && Number.isFinite(skew) ? skew : 0;
}
function getClockTolerance(client) {
	const tolerance = client?.[clockTolerance];
	return typeof tolerance === "number" && Number.isFinite(tolerance) && Math.sign(tolerance) !== -1 ? tolerance : 30;
}
function epochTime() {
	return Math.floor(Date.now() / 1e3);
}
function assertAs(as) {
	if (typeof as !== "object" || as === null) throw CodedTypeError("\"as\" must be an object", ERR_INVALID_ARG_TYPE);
	assertString(as.issuer, "\"as.issuer\"");
}
function assertClient(client) {
	if (typeof client !== "object" || client === null) throw CodedTypeError("\"client\" must be an object", ERR_INVALID_ARG_TYPE);
	assertString(client.client_id, "\"client.client_id\"");
}
function ClientSecretPost(clientSecret) {
	assertString(clientSecret, "\"clientSecret\"");
	return (_as, client, body, _headers) => {
		body.set("client_id", client.client_id);
		body.set("client_secret", clientSecret);
	};
}
const URLParse = URL.parse ? (url, base) => URL.parse(url, base) : (url, base) => {
	try {
		return new URL(url, base);
	} catch {
		return null;
	}
};
function checkProtocol(url, enforceHttps) {
	if (enforceHttps && url.protocol !== "https:") throw OPE("only requests to HTTPS are allowed", HTTP_REQUEST_FORBIDDEN, url);
	if (url.protocol !== "https:" && url.protocol !== "http:") throw OPE("only HTTP and HTTPS requests are allowed", REQUEST_PROTOCOL_FORBIDDEN, url);
}
function validateEndpoint(value, endpoint, useMtlsAlias, enforceHttps) {
	let url;
	if (typeof value !== "string" || !(url = URLParse(value))) throw OPE(`authorization server metadata does not contain a valid ${useMtlsAlias ? `"as.mtls_endpoint_aliases.${endpoint}"` : `"as.${endpoint}"`}`, value === void 0 ? MISSING_SERVER_METADATA : INVALID_SERVER_METADATA, { attribute: useMtlsAlias ? `mtls_endpoint_aliases.${endpoint}` : endpoint });
	checkProtocol(url, enforceHttps);
	return url;
}
function resolveEndpoint(as, endpoint, useMtlsAlias, enforceHttps) {
	if (useMtlsAlias && as.mtls_endpoint_aliases && endpoint in as.mtls_endpoint_aliases) return validateEndpoint(as.mtls_endpoint_aliases[endpoint], endpoint, useMtlsAlias, enforceHttps);
	return validateEndpoint(as[endpoint], endpoint, useMtlsAlias, enforceHttps);
}
var ResponseBodyError = class extends Error {
	cause;
	code;
	error;
	status;
	error_description;
	response;
	constructor(message, options) {
		super(message, options);
		this.name = this.constructor.name;
		this.code = RESPONSE_BODY_ERROR;
		this.cause = options.cause;
		this.error = options.cause.error;
		this.status = options.response.status;
		this.error_description = options.cause.error_description;
		Object.defineProperty(this, "response", {
			enumerable: false,
			value: options.response
		});
		Error.captureStackTrace?.(this, this.constructor);
	}
};
var WWWAuthenticateChallengeError = class extends Error {
	cause;
	code;
	response;
	status;
	constructor(message, options) {
		super(message, options);
		this.name = this.constructor.name;
		this.code = WWW_AUTHENTICATE_CHALLENGE;
		this.cause = options.cause;
		this.status = options.response.status;
		this.response = options.response;
		Object.defineProperty(this, "response", { enumerable: false });
		Error.captureStackTrace?.(this, this.constructor);
	}
};
const schemeRE = /* @__PURE__ */ new RegExp("^[,\\s]*([a-zA-Z0-9!#$%&\\'\\*\\+\\-\\.\\^_`\\|~]+)");
const quotedParamRE = /* @__PURE__ */ new RegExp("^[,\\s]*([a-zA-Z0-9!#$%&\\'\\*\\+\\-\\.\\^_`\\|~]+)\\s*=\\s*\"((?:[^\"\\\\]|\\\\[\\s\\S])*)\"[,\\s]*(.*)");
const unquotedParamRE = /* @__PURE__ */ new RegExp("^[,\\s]*([a-zA-Z0-9!#$%&\\'\\*\\+\\-\\.\\^_`\\|~]+)\\s*=\\s*([a-zA-Z0-9!#$%&\\'\\*\\+\\-\\.\\^_`\\|~]+)[,\\s]*(.*)");
const token68ParamRE = /* @__PURE__ */ new RegExp("^([a-zA-Z0-9\\-\\._\\~\\+\\/]+={0,2})(?:$|[,\\s])(.*)");
function parseWwwAuthenticateChallenges(response) {
	if (!looseInstanceOf(response, Response)) throw CodedTypeError("\"response\" must be an instance of Response", ERR_INVALID_ARG_TYPE);
	const header = response.headers.get("www-authenticate");
	if (header === null) return;
	const challenges = [];
	let rest = header;
	while (rest) {
		let match = rest.match(schemeRE);
		const scheme = match?.["1"].toLowerCase();
		if (!scheme) return;
		const afterScheme = rest.substring(match[0].length);
		if (afterScheme && !afterScheme.match(/^[\s,]/)) return;
		const spaceMatch = afterScheme.match(/^\s+(.*)$/);
		const hasParameters = !!spaceMatch;
		rest = spaceMatch ? spaceMatch[1] : void 0;
		const parameters = {};
		let token68;
		if (hasParameters) while (rest) {
			let key;
			let value;
			if (match = rest.match(quotedParamRE)) {
				[, key, value, rest] = match;
				if (value.includes("\\")) value = value.replace(/\\([\s\S])/g, "$1");
				parameters[key.toLowerCase()] = value;
				continue;
			}
			if (match = rest.match(unquotedParamRE)) {
				[, key, value, rest] = match;
				parameters[key.toLowerCase()] = value;
				continue;
			}
			if (match = rest.match(token68ParamRE)) {
				if (Object.keys(parameters).length) break;
				[, token68, rest] = match;
				break;
			}
			return;
		}
		else rest = afterScheme || void 0;
		const challenge = {
			scheme,
			parameters
		};
		if (token68) challenge.token68 = token68;
		challenges.push(challenge);
	}
	if (!challenges.length) return;
	return challenges;
}
async function parseOAuthResponseErrorBody(response) {
	if (response.status > 399 && response.status < 500) {
		assertReadableResponse(response);
		assertApplicationJson(response);
		try {
			const json = await response.clone().json();
			if (isJsonObject(json) && typeof json.error === "string" && json.error.length) return json;
		} catch {}
	}
}
async function checkOAuthBodyError(response, expected, label) {
	if (response.status !== expected) {
		checkAuthenticationChallenges(response);
		let err;
		if (err = await parseOAuthResponseErrorBody(response)) {
			await response.body?.cancel();
			throw new ResponseBodyError("server responded with an error in the response body", {
				cause: err,
				response
			});
		}
		throw OPE(`"response" is not a conform ${label} response (unexpected HTTP status code)`, RESPONSE_IS_NOT_CONFORM, response);
	}
}
function assertDPoP(option) {
	if (!branded.has(option)) throw CodedTypeError("\"options.DPoP\" is not a valid DPoPHandle", ERR_INVALID_ARG_VALUE);
}
function getContentType(input) {
	return input.headers.get("content-type")?.split(";")[0];
}
async function authenticatedRequest(as, client, clientAuthentication, url, body, headers, options) {
	await clientAuthentication(as, client, body, headers);
	headers.set("content-type", "application/x-www-form-urlencoded;charset=UTF-8");
	return (options?.[customFetch] || fetch)(url.href, {
		body,
		headers: Object.fromEntries(headers.entries()),
		method: "POST",
		redirect: "manual",
		signal: signal(url, options?.signal)
	});
}
async function tokenEndpointRequest(as, client, clientAuthentication, grantType, parameters, options) {
	const url = resolveEndpoint(as, "token_endpoint", client.use_mtls_endpoint_aliases, options?.[allowInsecureRequests] !== true);
	parameters.set("grant_type", grantType);
	const headers = prepareHeaders(options?.headers);
	headers.set("accept", "application/json");
	if (options?.DPoP !== void 0) {
		assertDPoP(options.DPoP);
		await options.DPoP.addProof(url, headers, "POST");
	}
	const response = await authenticatedRequest(as, client, clientAuthentication, url, parameters, headers, options);
	options?.DPoP?.cacheNonce(response, url);
	return response;
}
const idTokenClaims = /* @__PURE__ */ new WeakMap();
const jwtRefs = /* @__PURE__ */ new WeakMap();
async function processGenericAccessTokenResponse(as, client, response, additionalRequiredIdTokenClaims, decryptFn, recognizedTokenTypes) {
	assertAs(as);
	assertClient(client);
	if (!looseInstanceOf(response, Response)) throw CodedTypeError("\"response\" must be an instance of Response", ERR_INVALID_ARG_TYPE);
	await checkOAuthBodyError(response, 200, "Token Endpoint");
	assertReadableResponse(response);
	const json = await getResponseJsonBody(response);
	assertString(json.access_token, "\"response\" body \"access_token\" property", INVALID_RESPONSE, { body: json });
	assertString(json.token_type, "\"response\" body \"token_type\" property", INVALID_RESPONSE, { body: json });
	json.token_type = json.token_type.toLowerCase();
	if (json.expires_in !== void 0) {
		let expiresIn = typeof json.expires_in !== "number" ? parseFloat(json.expires_in) : json.expires_in;
		assertNumber(expiresIn, true, "\"response\" body \"expires_in\" property", INVALID_RESPONSE, { body: json });
		json.expires_in = expiresIn;
	}
	if (json.refresh_token !== void 0) assertString(json.refresh_token, "\"response\" body \"refresh_token\" property", INVALID_RESPONSE, { body: json });
	if (json.scope !== void 0 && typeof json.scope !== "string") throw OPE("\"response\" body \"scope\" property must be a string", INVALID_RESPONSE, { body: json });
	if (json.id_token !== void 0) {
		assertString(json.id_token, "\"response\" body \"id_token\" property", INVALID_RESPONSE, { body: json });
		const requiredClaims = [];
		if (client.require_auth_time === true) requiredClaims.push("auth_time");
		if (client.default_max_age !== void 0) {
			assertNumber(client.default_max_age, true, "\"client.default_max_age\"");
			requiredClaims.push("auth_time");
		}
		if (additionalRequiredIdTokenClaims?.length) requiredClaims.push(...additionalRequiredIdTokenClaims);
		const { claims, jwt } = await validateIdTokenClaims(as, client, json.id_token, requiredClaims, decryptFn);
		validateIdTokenAuthorizedParty(client, claims);
		validateIdTokenAuthTimeClaim(claims);
		jwtRefs.set(response, jwt);
		idTokenClaims.set(json, claims);
	}
	if (recognizedTokenTypes?.[json.token_type] !== void 0) recognizedTokenTypes[json.token_type](response, json);
	else if (json.token_type !== "dpop" && json.token_type !== "bearer") throw new UnsupportedOperationError("unsupported `token_type` value", { cause: { body: json } });
	return json;
}
function checkAuthenticationChallenges(response) {
	let challenges;
	if (challenges = parseWwwAuthenticateChallenges(response)) throw new WWWAuthenticateChallengeError("server responded with a challenge in the WWW-Authenticate HTTP Header", {
		cause: challenges,
		response
	});
}
function validateAudience(expected, result) {
	if (Array.isArray(result.claims.aud)) {
		if (!result.claims.aud.includes(expected)) throw OPE("unexpected JWT \"aud\" (audience) claim value", JWT_CLAIM_COMPARISON, {
			expected,
			claims: result.claims,
			claim: "aud"
		});
	} else if (result.claims.aud !== expected) throw OPE("unexpected JWT \"aud\" (audience) claim value", JWT_CLAIM_COMPARISON, {
		expected,
		claims: result.claims,
		claim: "aud"
	});
	return result;
}
function validateIssuer(as, result) {
	const expected = as[_expectedIssuer]?.(result) ?? as.issuer;
	if (result.claims.iss !== expected) throw OPE("unexpected JWT \"iss\" (issuer) claim value", JWT_CLAIM_COMPARISON, {
		expected,
		claims: result.claims,
		claim: "iss"
	});
	return result;
}
const branded = /* @__PURE__ */ new WeakSet();
const jwtClaimNames = {
	aud: "audience",
	c_hash: "code hash",
	client_id: "client id",
	exp: "expiration time",
	iat: "issued at",
	iss: "issuer",
	jti: "jwt id",
	nonce: "nonce",
	s_hash: "state hash",
	sub: "subject",
	ath: "access token hash",
	htm: "http method",
	htu: "http uri",
	cnf: "confirmation",
	auth_time: "authentication time"
};
function validatePresence(required, result) {
	for (const claim of required) if (result.claims[claim] === void 0) throw OPE(`JWT "${claim}" (${jwtClaimNames[claim]}) claim missing`, INVALID_RESPONSE, { claims: result.claims });
	return result;
}
function validateStringClaim(claim, result) {
	if (typeof result.claims[claim] !== "string") throw OPE(`unexpected JWT "${claim}" (${jwtClaimNames[claim]}) claim type`, INVALID_RESPONSE, { claims: result.claims });
	return result;
}
function validateIdTokenClaims(as, client, idToken, requiredClaims, decryptFn) {
	return validateJwt(idToken, checkSigningAlgorithm.bind(void 0, client.id_token_signed_response_alg, as.id_token_signing_alg_values_supported, "RS256"), getClockSkew(client), getClockTolerance(client), decryptFn).then(validatePresence.bind(void 0, [
		"aud",
		"exp",
		"iat",
		"iss",
		"sub",
		...requiredClaims
	])).then(validateIssuer.bind(void 0, as)).then(validateAudience.bind(void 0, client.client_id)).then(validateStringClaim.bind(void 0, "sub"));
}
function validateIdTokenAuthTimeClaim(claims) {
	if (claims.auth_time !== void 0) assertNumber(claims.auth_time, true, "ID Token \"auth_time\" (authentication time)", INVALID_RESPONSE, { claims });
}
function validateIdTokenAuthorizedParty(client, claims) {
	if (Array.isArray(claims.aud) && claims.aud.length !== 1) {
		if (claims.azp === void 0) throw OPE("ID Token \"aud\" (audience) claim includes additional untrusted audiences", JWT_CLAIM_COMPARISON, {
			claims,
			claim: "aud"
		});
		if (claims.azp !== client.client_id) throw OPE("unexpected ID Token \"azp\" (authorized party) claim value", JWT_CLAIM_COMPARISON, {
			expected: client.client_id,
			claims,
			claim: "azp"
		});
	}
}
const WWW_AUTHENTICATE_CHALLENGE = "OAUTH_WWW_AUTHENTICATE_CHALLENGE";
const RESPONSE_BODY_ERROR = "OAUTH_RESPONSE_BODY_ERROR";
const UNSUPPORTED_OPERATION = "OAUTH_UNSUPPORTED_OPERATION";
const PARSE_ERROR = "OAUTH_PARSE_ERROR";
const INVALID_RESPONSE = "OAUTH_INVALID_RESPONSE";
const RESPONSE_IS_NOT_JSON = "OAUTH_RESPONSE_IS_NOT_JSON";
const RESPONSE_IS_NOT_CONFORM = "OAUTH_RESPONSE_IS_NOT_CONFORM";
const HTTP_REQUEST_FORBIDDEN = "OAUTH_HTTP_REQUEST_FORBIDDEN";
const REQUEST_PROTOCOL_FORBIDDEN = "OAUTH_REQUEST_PROTOCOL_FORBIDDEN";
const JWT_TIMESTAMP_CHECK = "OAUTH_JWT_TIMESTAMP_CHECK_FAILED";
const JWT_CLAIM_COMPARISON = "OAUTH_JWT_CLAIM_COMPARISON_FAILED";
const MISSING_SERVER_METADATA = "OAUTH_MISSING_SERVER_METADATA";
const INVALID_SERVER_METADATA = "OAUTH_INVALID_SERVER_METADATA";
async function genericTokenEndpointRequest(as, client, clientAuthentication, grantType, parameters, options) {
	assertAs(as);
	assertClient(client);
	assertString(grantType, "\"grantType\"");
	return tokenEndpointRequest(as, client, clientAuthentication, grantType, new URLSearchParams(parameters), options);
}
async function processGenericTokenEndpointResponse(as, client, response, options) {
	return processGenericAccessTokenResponse(as, client, response, void 0, options?.[jweDecrypt], options?.recognizedTokenTypes);
}
function assertReadableResponse(response) {
	if (response.bodyUsed) throw CodedTypeError("\"response\" body has been used already", ERR_INVALID_ARG_VALUE);
}
async function validateJwt(jws, checkAlg, clockSkew, clockTolerance, decryptJwt) {
	let { 0: protectedHeader, 1: payload, length } = jws.split(".");
	if (length === 5) {
		if (decryptJwt !== void 0) {
			jws = await decryptJwt(jws);
			({0: protectedHeader, 1: payload, length} = jws.split("."));
		} else throw new UnsupportedOperationError("JWE decryption is not configured", { cause: jws });
	}
	if (length !== 3) throw OPE("Invalid JWT", INVALID_RESPONSE, jws);
	let header;
	try {
		header = JSON.parse(buf(b64u(protectedHeader)));
	} catch (cause) {
		throw OPE("failed to parse JWT Header body as base64url encoded JSON", PARSE_ERROR, cause);
	}
	if (!isJsonObject(header)) throw OPE("JWT Header must be a top level object", INVALID_RESPONSE, jws);
	checkAlg(header);
	if (header.crit !== void 0) throw new UnsupportedOperationError("no JWT \"crit\" header parameter extensions are supported", { cause: { header } });
	let claims;
	try {
		claims = JSON.parse(buf(b64u(payload)));
	} catch (cause) {
		throw OPE("failed to parse JWT Payload body as base64url encoded JSON", PARSE_ERROR, cause);
	}
	if (!isJsonObject(claims)) throw OPE("JWT Payload must be a top level object", INVALID_RESPONSE, jws);
	const now = epochTime() + clockSkew;
	if (claims.exp !== void 0) {
		if (typeof claims.exp !== "number") throw OPE("unexpected JWT \"exp\" (expiration time) claim type", INVALID_RESPONSE, { claims });
		if (claims.exp <= now - clockTolerance) throw OPE("unexpected JWT \"exp\" (expiration time) claim value, expiration is past current timestamp", JWT_TIMESTAMP_CHECK, {
			claims,
			now,
			tolerance: clockTolerance,
			claim: "exp"
		});
	}
	if (claims.iat !== void 0) {
		if (typeof claims.iat !== "number") throw OPE("unexpected JWT \"iat\" (issued at) claim type", INVALID_RESPONSE, { claims });
	}
	if (claims.iss !== void 0) {
		if (typeof claims.iss !== "string") throw OPE("unexpected JWT \"iss\" (issuer) claim type", INVALID_RESPONSE, { claims });
	}
	if (claims.nbf !== void 0) {
		if (typeof claims.nbf !== "number") throw OPE("unexpected JWT \"nbf\" (not before) claim type", INVALID_RESPONSE, { claims });
		if (claims.nbf > now + clockTolerance) throw OPE("unexpected JWT \"nbf\" (not before) claim value", JWT_TIMESTAMP_CHECK, {
			claims,
			now,
			tolerance: clockTolerance,
			claim: "nbf"
		});
	}
	if (claims.aud !== void 0) {
		if (typeof claims.aud !== "string" && !Array.isArray(claims.aud)) throw OPE("unexpected JWT \"aud\" (audience) claim type", INVALID_RESPONSE, { claims });
	}
	return {
		header,
		claims,
		jwt: jws
	};
}
function checkSigningAlgorithm(client, issuer, fallback, header) {
	if (client !== void 0) {
		if (typeof client === "string" ? header.alg !== client : !client.includes(header.alg)) throw OPE("unexpected JWT \"alg\" header parameter", INVALID_RESPONSE, {
			header,
			expected: client,
			reason: "client configuration"
		});
		return;
	}
	if (Array.isArray(issuer)) {
		if (!issuer.includes(header.alg)) throw OPE("unexpected JWT \"alg\" header parameter", INVALID_RESPONSE, {
			header,
			expected: issuer,
			reason: "authorization server metadata"
		});
		return;
	}
	if (fallback !== void 0) {
		if (typeof fallback === "string" ? header.alg !== fallback : typeof fallback === "function" ? !fallback(header.alg) : !fallback.includes(header.alg)) throw OPE("unexpected JWT \"alg\" header parameter", INVALID_RESPONSE, {
			header,
			expected: fallback,
			reason: "default value"
		});
		return;
	}
	throw OPE("missing client or server configuration to verify used JWT \"alg\" header parameter", void 0, {
		client,
		issuer,
		fallback
	});
}
async function getResponseJsonBody(response, check = assertApplicationJson) {
	let json;
	try {
		json = await response.json();
	} catch (cause) {
		check(response);
		throw OPE("failed to parse \"response\" body as JSON", PARSE_ERROR, cause);
	}
	if (!isJsonObject(json)) throw OPE("\"response\" body must be a top level object", INVALID_RESPONSE, { body: json });
	return json;
}
const _expectedIssuer = Symbol();
// src/json.ts
/** Whether a value from outside is an object with named properties. */
function isRecord(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
var init_json = __esmMin((() => {}));
// src/http/exchange.ts
init_json();
/** The `User-Agent` (RFC 9110, section 10.1.5). GitHub rejects requests without one. */
const userAgent = "box-token-action";
/** A request that brought no usable answer. Holds only names of faults: no address, header or body. */
var TransportError = class extends Error {
	name = "TransportError";
	fault;
	constructor(fault, message) {
		super(message);
		this.fault = fault;
	}
	/** Whether the server may have acted on the request. */
	get mayHaveArrived() {
		return this.fault === "lost" || this.fault === "too-large";
	}
};
/**
* What a `fetch` throws if there was no connection yet (including TLS and a proxy's tunnel), so that the request was never
* sent. The reason is its `cause`. After any other error, the request may have arrived: most codes, `ECONNRESET` among them,
* can occur before and after.
*/
var NotConnected = class extends Error {
	name = "NotConnected";
	constructor(cause) {
		super("no connection", { cause });
	}
};
/** OpenSSL's and Node's names for a certificate that is not trusted. */
const certificateCodes = /CERT|UNABLE_TO_|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_(?:PURPOSE|CA)|PATH_LENGTH|^CRL_/;
/** Names for a failed handshake: the other end does not speak TLS, or no version that Node.js does. */
const handshakeCodes = /^(?:EPROTO$|ERR_SSL_)/;
/** What `fetch` threw, and its causes, innermost last. */
function causes(error) {
	const chain = [];
	for (let current = error; current instanceof Error && chain.length < 8;) {
		chain.push(current);
		current = current instanceof AggregateError ? current.errors[0] : current.cause;
	}
	return chain;
}
function field(error, name) {
	return Object.entries(error).find(([key]) => key === name)?.[1];
}
/** The innermost error code, as Node names it: `ECONNRESET`, `CERT_HAS_EXPIRED`, \u2026 */
function innermostCode(chain) {
	return chain.map((error) => field(error, "code")).findLast((code) => typeof code === "string" && /^[A-Z0-9_]{3,60}$/.test(code));
}
/** The proxy to which the connection failed, if it was one. */
function failedProxy(chain, proxies) {
	return proxies.find((proxy) => {
		const [, host, port] = /^(.*):(\d+)$/.exec(proxy) ?? [];
		return chain.some((error) => {
			const at = field(error, "hostname") ?? field(error, "address");
			const named = at === host || !/^[\d.:[\]]+$/.test(host ?? "");
			return field(error, "syscall") === "connect" ? named && String(field(error, "port")) === port && port !== "443" : at === host && at !== void 0;
		});
	});
}
/** Node's code for a proxy that refused a connection (CONNECT, RFC 9110, section 9.3.6). */
const tunnelCode = "ERR_PROXY_TUNNEL";
/** What to say about a connection that a proxy refused. */
function refusedTunnel(chain, proxies) {
	const proxy = `the proxy ${proxies.join(" or ")}`;
	const status = chain.map((error) => field(error, "statusCode")).find((value) => typeof value === "number" && !Number.isNaN(value));
	if (status === void 0) return `no connection through ${proxy}`;
	return `${proxy} answered ${status}${status === 407 ? ", it asks for credentials" : ""}`;
}
function toTransportError(error, proxies) {
	if (error instanceof TransportError) return error;
	const chain = causes(error);
	const code = innermostCode(chain);
	const inner = code === void 0 ? "" : ` (${code})`;
	if (!chain.some((each) => each instanceof NotConnected)) return new TransportError("lost", `the connection was interrupted${inner}`);
	if (code === tunnelCode) return new TransportError("unreachable", refusedTunnel(chain, proxies));
	if (code !== void 0 && certificateCodes.test(code)) return new TransportError("certificate", `${proxies.length === 0 ? "its certificate" : `its certificate, or that of the proxy ${proxies.join(" or ")},`} is not trusted${inner}`);
	const kind = code !== void 0 && handshakeCodes.test(code) ? "no secure connection" : "no connection";
	const proxy = failedProxy(chain, proxies);
	if (proxy !== void 0) return new TransportError("unreachable", `${kind} to the proxy ${proxy}${inner}`);
	return new TransportError("unreachable", `${kind}${inner}${chain.some((each) => ["connect", "getaddrinfo"].some((call) => field(each, "syscall") === call)) || proxies.length === 0 ? "" : `, perhaps because of the proxy ${proxies.join(" or ")}`}`);
}
async function readBounded(response, maxBytes) {
	const chunks = [];
	let size = 0;
	if (response.body) for await (const chunk of response.body) {
		size += chunk.byteLength;
		if (size > maxBytes) throw new TransportError("too-large", `the answer is larger than ${maxBytes.toLocaleString("en")} bytes`);
		chunks.push(chunk);
	}
	const whole = new Uint8Array(size);
	let offset = 0;
	for (const chunk of chunks) {
		whole.set(chunk, offset);
		offset += chunk.byteLength;
	}
	return whole;
}
/**
* Makes a `fetch` for one request. It returns only after the whole body has arrived (within `limits`), does not follow
* redirects (they would carry the credentials elsewhere), and throws nothing but `TransportError`.
*/
function boundedFetch(network, limits) {
	return async (input, init) => {
		const abort = new AbortController();
		const done = new AbortController();
		const stopTimer = AbortSignal.any([done.signal, limits.signal]);
		const timeout = async () => {
			await network.clock.sleep(limits.timeoutMs, stopTimer);
			throw new TransportError("lost", limits.signal.aborted || done.signal.aborted ? "given up" : `no answer within ${seconds(limits.timeoutMs)} s`);
		};
		const exchange = async () => {
			const response = await network.fetch(input, {
				...init,
				redirect: "manual",
				signal: abort.signal
			});
			const body = await readBounded(response, limits.maxBytes);
			const empty = body.byteLength === 0;
			return new Response(empty ? null : body, {
				status: response.status,
				headers: response.headers
			});
		};
		try {
			return await Promise.race([exchange(), timeout()]);
		} catch (error) {
			abort.abort(error);
			throw toTransportError(error, network.proxies);
		} finally {
			done.abort();
		}
	};
}
function seconds(ms) {
	return (ms / 1e3).toLocaleString("en", { maximumFractionDigits: 1 });
}
/** A date outside of these years is the server's fault, and might not even be printable with an hour added. */
const earliestDate = Date.UTC(2e3);
const latestDate = Date.UTC(2200);
/** Rule 6: the server's time, from the `Date` header (RFC 9110, section 6.6.1); `undefined` without a valid one. */
function serverMoment(headers, clock) {
	const date = Date.parse(headers.get("date") ?? "");
	return date > earliestDate && date < latestDate ? {
		date,
		at: clock.monotonic()
	} : void 0;
}
/**
* How long a server asks to wait, in milliseconds: `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3),
* counted from the answer's own `Date`. `undefined` if it doesn't say.
*/
function retryAfterMs(headers) {
	const value = headers.get("retry-after")?.trim();
	if (!value) return void 0;
	if (/^\d+$/.test(value)) return Number(value) * 1e3;
	const until = Date.parse(value);
	const now = Date.parse(headers.get("date") ?? "");
	return Number.isNaN(until) || Number.isNaN(now) ? void 0 : Math.max(0, until - now);
}
// src/box/token-endpoint.ts
/**
* Box's token endpoint (`POST /oauth2/token`), through oauth4webapi. One request, one validated answer; what follows from it
* is up to the rotation.
*/
const maxBytes$2 = 262144;
/** Box refuses with 400; other servers use 401 and 403. An `error` with any other status may come from a gateway. */
const refusalStatuses = /* @__PURE__ */ new Set([
	400,
	401,
	403
]);
/** Far longer than any access token is valid. A larger number is a mistake, and no date could hold the largest. */
const longestExpirySeconds = 31536e4;
/** Errors that may be temporary. RFC 6749 has them only for the authorization endpoint; servers use them here, too. */
const passingOAuthErrors = /* @__PURE__ */ new Set([
	"server_error",
	"temporarily_unavailable",
	"slow_down"
]);
/** Sends requests to Box's token endpoint. */
var TokenEndpoint = class {
	#network;
	#app;
	#server;
	#client;
	#insecure;
	/** @param boxApiUrl root of Box's API without a final slash; plain http only on loopback (checked by the inputs) */
	constructor(network, boxApiUrl, app) {
		this.#network = network;
		this.#app = app;
		this.#server = {
			issuer: boxApiUrl,
			token_endpoint: `${boxApiUrl}/oauth2/token`
		};
		this.#client = { client_id: app.clientId };
		this.#insecure = boxApiUrl.startsWith("http:");
	}
	/**
	* Uses a refresh token to get a new pair (RFC 6749, section 6; Box API reference, "Refresh access token"), once. The
	* credentials are in the body: Box answers Basic authentication with `invalid_client`.
	*/
	async refresh(refreshToken, limit) {
		return this.#askForPair("refresh_token", { refresh_token: refreshToken }, limit);
	}
	/**
	* Exchanges an authorization code for the first pair (RFC 6749, section 4.1.3; Box API reference, "Request access
	* token"), once. The code is valid for 30 seconds and works once.
	*
	* @param redirectUri the same as in the request for the code
	*/
	async redeem(code, redirectUri, limit) {
		return this.#askForPair("authorization_code", {
			code,
			redirect_uri: redirectUri
		}, limit);
	}
	async #askForPair(grantType, parameters, limit) {
		const answer = await this.#ask(grantType, parameters, limit);
		if (answer instanceof TransportError) return {
			kind: "no-answer",
			error: answer,
			tokens: []
		};
		const { response, body, tokens, moment } = answer;
		const judged = judge(response, body);
		if (judged && judged.kind !== "unusable") return {
			...judged,
			tokens
		};
		const kept = withoutPair(body, `its status is ${response.status}`);
		if (judged) return {
			...kept.kind === "refresh-token-only" ? kept : judged,
			tokens
		};
		const checked = await this.#checkedFields(response);
		if ("problem" in checked) return {
			...withoutPair(body, checked.problem),
			tokens
		};
		const { refreshToken: next, ...token } = checked;
		if (!isToken(next)) return {
			...withoutPair(body, "it has no valid \"refresh_token\""),
			tokens
		};
		return {
			kind: "pair",
			pair: {
				...token,
				refreshToken: next,
				moment
			},
			tokens
		};
	}
	/**
	* Exchanges an access token for a narrowed one (RFC 8693; Box API reference, "Request access token", token
	* exchange), once. This uses the token. No refresh token comes back.
	*/
	async exchange(accessToken, { scope, resource, sharedLink }, limit) {
		const parameters = {
			subject_token: accessToken,
			subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
			scope,
			...resource === void 0 ? {} : { resource },
			...sharedLink === void 0 ? {} : { box_shared_link: sharedLink }
		};
		const answer = await this.#ask("urn:ietf:params:oauth:grant-type:token-exchange", parameters, limit);
		if (answer instanceof TransportError) return {
			kind: "no-answer",
			error: answer,
			tokens: []
		};
		const { response, body, tokens, moment } = answer;
		const judged = judge(response, body);
		if (judged) return {
			...judged,
			tokens
		};
		const checked = await this.#checkedFields(response);
		if ("problem" in checked) return {
			kind: "no-token",
			problem: checked.problem,
			tokens
		};
		return {
			kind: "narrow",
			token: {
				accessToken: checked.accessToken,
				expiresIn: checked.expiresIn,
				moment
			},
			tokens
		};
	}
	async #ask(grantType, parameters, limit) {
		try {
			const response = await genericTokenEndpointRequest(this.#server, this.#client, ClientSecretPost(this.#app.clientSecret), grantType, { ...parameters }, {
				[customFetch]: boundedFetch(this.#network, {
					timeoutMs: limit.timeoutMs,
					signal: limit.signal,
					maxBytes: maxBytes$2
				}),
				[allowInsecureRequests]: this.#insecure
			});
			const body = await jsonIn(response.clone());
			return {
				response,
				body,
				tokens: tokensIn(body),
				moment: serverMoment(response.headers, this.#network.clock)
			};
		} catch (error) {
			if (error instanceof TransportError) return error;
			throw error;
		}
	}
	/** The fields that every 200 with a token has, each checked. */
	async #checkedFields(response) {
		let answer;
		try {
			answer = await processGenericTokenEndpointResponse(this.#server, this.#client, response);
		} catch (error) {
			return { problem: problemIn(error) };
		}
		const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = answer;
		if (!isToken(accessToken)) return { problem: "its \"access_token\" has characters that are not allowed in a token" };
		if (expiresIn === void 0 || !(expiresIn > 0 && expiresIn <= longestExpirySeconds)) return { problem: "it has no valid \"expires_in\"" };
		return {
			accessToken,
			expiresIn,
			refreshToken
		};
	}
};
/** What kind of answer it is; `undefined` if it is a 200. */
function judge(response, body) {
	const { status, headers } = response;
	if (status === 429) return {
		kind: "rate-limited",
		waitMs: retryAfterMs(headers)
	};
	if (refusalStatuses.has(status) && isRecord(body) && typeof body["error"] === "string" && body["error"] !== "") {
		const description = body["error_description"];
		return {
			kind: "refused",
			error: body["error"],
			description: typeof description === "string" ? description : ""
		};
	}
	return status === 200 ? void 0 : {
		kind: "unusable",
		status,
		waitMs: retryAfterMs(headers)
	};
}
function tokensIn(body) {
	if (!isRecord(body)) return [];
	return [body["refresh_token"], body["access_token"]].filter((value) => typeof value === "string");
}
async function jsonIn(response) {
	try {
		return await response.json();
	} catch {
		return;
	}
}
/** 1*VSCHAR (RFC 6749, appendix A.17), except the space: a token with one would not survive as an input. */
function isToken(value) {
	return typeof value === "string" && /^[\x21-\x7e]+$/.test(value);
}
function withoutPair(body, problem) {
	const refreshToken = isRecord(body) ? body["refresh_token"] : void 0;
	return isToken(refreshToken) ? {
		kind: "refresh-token-only",
		refreshToken,
		problem
	} : {
		kind: "no-pair",
		problem
	};
}
/** What is wrong with a 200, in our own words. */
function problemIn(error) {
	const code = error instanceof Error && "code" in error ? error.code : void 0;
	if (code === "OAUTH_RESPONSE_IS_NOT_JSON" || code === "OAUTH_PARSE_ERROR") return "it is not JSON";
	if (code === "OAUTH_UNSUPPORTED_OPERATION") return "its \"token_type\" is not \"bearer\"";
	const field = error instanceof Error ? /"(access_token|token_type|expires_in|refresh_token)"/.exec(error.message) : null;
	return field ? `it has no valid "${field[1]}"` : "its fields are not those of a token pair";
}
// src/clock.ts
/** This machine's clock. */
const systemClock = {
	monotonic: () => performance.now(),
	wall: () => Date.now(),
	sleep: (ms, signal) => new Promise((resolve) => {
		if (signal?.aborted) return resolve();
		const done = () => {
			clearTimeout(timer);
			signal?.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, ms);
		signal?.addEventListener("abort", done);
	})
};
/** The server's time now, in milliseconds since 1970 (UTC), accurate to about a second. */
function serverNow(moment, clock) {
	return moment.date + (clock.monotonic() - moment.at);
}
/** A time (milliseconds since 1970, UTC) as ISO 8601 in whole seconds: `2026-11-23T06:11:58Z`. */
function isoSeconds(ms) {
	return new Date(ms).toISOString().replace(/\.\d{3}Z$/, "Z");
}
// src/failure.ts
/**
* An expected failure: a stable code and three sentences for the person who reads the log. Its texts hold no
* secret and nothing from a server but single fields, which the report scrubs once more before printing.
*/
var Failure = class extends Error {
	name = "Failure";
	code;
	/** What happened. */
	what;
	/** What was and was not spent or written. */
	spent;
	/** The one thing to do next. */
	next;
	constructor(code, text) {
		super(`${text.what} ${text.spent} ${text.next}`);
		this.code = code;
		this.what = text.what;
		this.spent = text.spent;
		this.next = text.next;
	}
};
/** Box does not take an access token that is good as far as is known. */
var RejectedToken = class extends Failure {};
/** The sentence for every failure before Box was asked. */
const nothingSpent = "Nothing was used or written: the stored refresh token still works.";
// node_modules/universal-user-agent/index.js
function getUserAgent() {
	if (typeof navigator === "object" && "userAgent" in navigator) return navigator.userAgent;
	if (typeof process === "object" && process.version !== void 0) return `Node.js/${process.version.substr(1)} (${process.platform}; ${process.arch})`;
	return "<environment undetectable>";
}
var init_universal_user_agent = __esmMin((() => {}));
// node_modules/@octokit/endpoint/dist-bundle/index.js
function lowercaseKeys(object) {
	if (!object) return {};
	return Object.keys(object).reduce((newObj, key) => {
		newObj[key.toLowerCase()] = object[key];
		return newObj;
	}, {});
}
function isPlainObject$1(value) {
	if (typeof value !== "object" || value === null) return false;
	if (Object.prototype.toString.call(value) !== "[object Object]") return false;
	const proto = Object.getPrototypeOf(value);
	if (proto === null) return true;
	const Ctor = Object.prototype.hasOwnProperty.call(proto, "constructor") && proto.constructor;
	return typeof Ctor === "function" && Ctor instanceof Ctor && Function.prototype.call(Ctor) === Function.prototype.call(value);
}
function mergeDeep(defaults, options) {
	const result = Object.assign({}, defaults);
	Object.keys(options).forEach((key) => {
		if (isPlainObject$1(options[key])) {
			if (!(key in defaults)) Object.assign(result, { [key]: options[key] });
			else result[key] = mergeDeep(defaults[key], options[key]);
		} else Object.assign(result, { [key]: options[key] });
	});
	return result;
}
function removeUndefinedProperties(obj) {
	for (const key in obj) if (obj[key] === void 0) delete obj[key];
	return obj;
}
function merge(defaults, route, options) {
	if (typeof route === "string") {
		let [method, url] = route.split(" ");
		options = Object.assign(url ? {
			method,
			url
		} : { url: method }, options);
	} else options = Object.assign({}, route);
	options.headers = lowercaseKeys(options.headers);
	removeUndefinedProperties(options);
	removeUndefinedProperties(options.headers);
	const mergedOptions = mergeDeep(defaults || {}, options);
	if (options.url === "/graphql") {
		if (defaults && defaults.mediaType.previews?.length) mergedOptions.mediaType.previews = defaults.mediaType.previews.filter((preview) => !mergedOptions.mediaType.previews.includes(preview)).concat(mergedOptions.mediaType.previews);
		mergedOptions.mediaType.previews = (mergedOptions.mediaType.previews || []).map((preview) => preview.replace(/-preview/, ""));
	}
	return mergedOptions;
}
function addQueryParameters(url, parameters) {
	const separator = /\?/.test(url) ? "&" : "?";
	const names = Object.keys(parameters);
	if (names.length === 0) return url;
	return url + separator + names.map((name) => {
		if (name === "q") return "q=" + parameters.q.split("+").map(encodeURIComponent).join("+");
		return `${name}=${encodeURIComponent(parameters[name])}`;
	}).join("&");
}
function removeNonChars(variableName) {
	return variableName.replace(/(?:^\W+)|(?:(?<!\W)\W+$)/g, "").split(/,/);
}
function extractUrlVariableNames(url) {
	const matches = url.match(urlVariableRegex);
	if (!matches) return [];
	return matches.map(removeNonChars).reduce((a, b) => a.concat(b), []);
}
function omit(object, keysToOmit) {
	const result = { __proto__: null };
	for (const key of Object.keys(object)) if (keysToOmit.indexOf(key) === -1) result[key] = object[key];
	return result;
}
function encodeReserved(str) {
	return str.split(/(%[0-9A-Fa-f]{2})/g).map(function(part) {
		if (!/%[0-9A-Fa-f]/.test(part)) part = encodeURI(part).replace(/%5B/g, "[").replace(/%5D/g, "]");
		return part;
	}).join("");
}
function encodeUnreserved(str) {
	return encodeURIComponent(str).replace(/[!'()*]/g, function(c) {
		return "%" + c.charCodeAt(0).toString(16).toUpperCase();
	});
}
function encodeValue(operator, value, key) {
	value = operator === "+" || operator === "#" ? encodeReserved(value) : encodeUnreserved(value);
	if (key) return encodeUnreserved(key) + "=" + value;
	else return value;
}
function isDefined(value) {
	return value !== void 0 && value !== null;
}
function isKeyOperator(operator) {
	return operator === ";" || operator === "&" || operator === "?";
}
function getValues(context, operator, key, modifier) {
	var value = context[key], result = [];
	if (isDefined(value) && value !== "") {
		if (typeof value === "string" || typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
			value = value.toString();
			if (modifier && modifier !== "*") value = value.substring(0, parseInt(modifier, 10));
			result.push(encodeValue(operator, value, isKeyOperator(operator) ? key : ""));
		} else if (modifier === "*") {
			if (Array.isArray(value)) value.filter(isDefined).forEach(function(value2) {
				result.push(encodeValue(operator, value2, isKeyOperator(operator) ? key : ""));
			});
			else Object.keys(value).forEach(function(k) {
				if (isDefined(value[k])) result.push(encodeValue(operator, value[k], k));
			});
		} else {
			const tmp = [];
			if (Array.isArray(value)) value.filter(isDefined).forEach(function(value2) {
				tmp.push(encodeValue(operator, value2));
			});
			else Object.keys(value).forEach(function(k) {
				if (isDefined(value[k])) {
					tmp.push(encodeUnreserved(k));
					tmp.push(encodeValue(operator, value[k].toString()));
				}
			});
			if (isKeyOperator(operator)) result.push(encodeUnreserved(key) + "=" + tmp.join(","));
			else if (tmp.length !== 0) result.push(tmp.join(","));
		}
	} else if (operator === ";") {
		if (isDefined(value)) result.push(encodeUnreserved(key));
	} else if (value === "" && (operator === "&" || operator === "?")) result.push(encodeUnreserved(key) + "=");
	else if (value === "") result.push("");
	return result;
}
function parseUrl(template) {
	return { expand: expand.bind(null, template) };
}
function expand(template, context) {
	var operators = [
		"+",
		"#",
		".",
		"/",
		";",
		"?",
		"&"
	];
	template = template.replace(/\{([^\{\}]+)\}|([^\{\}]+)/g, function(_, expression, literal) {
		if (expression) {
			let operator = "";
			const values = [];
			if (operators.indexOf(expression.charAt(0)) !== -1) {
				operator = expression.charAt(0);
				expression = expression.substr(1);
			}
			expression.split(/,/g).forEach(function(variable) {
				var tmp = /([^:\*]*)(?::(\d+)|(\*))?/.exec(variable);
				values.push(getValues(context, operator, tmp[1], tmp[2] || tmp[3]));
			});
			if (operator && operator !== "+") {
				var separator = ",";
				if (operator === "?") separator = "&";
				else if (operator !== "#") separator = operator;
				return (values.length !== 0 ? operator : "") + values.join(separator);
			} else return values.join(",");
		} else return encodeReserved(literal);
	});
	if (template === "/") return template;
	else return template.replace(/\/$/, "");
}
function parse$1(options) {
	let method = options.method.toUpperCase();
	let url = (options.url || "/").replace(/:([a-z]\w+)/g, "{$1}");
	let headers = Object.assign({}, options.headers);
	let body;
	let parameters = omit(options, [
		"method",
		"baseUrl",
		"url",
		"headers",
		"request",
		"mediaType"
	]);
	const urlVariableNames = extractUrlVariableNames(url);
	url = parseUrl(url).expand(parameters);
	if (!/^http/.test(url)) url = options.baseUrl + url;
	const remainingParameters = omit(parameters, Object.keys(options).filter((option) => urlVariableNames.includes(option)).concat("baseUrl"));
	if (!/application\/octet-stream/i.test(headers.accept)) {
		if (options.mediaType.format) headers.accept = headers.accept.split(/,/).map((format) => format.replace(/application\/vnd(\.\w+)(\.v3)?(\.\w+)?(\+json)?$/, `application/vnd$1$2.${options.mediaType.format}`)).join(",");
		if (url.endsWith("/graphql")) {
			if (options.mediaType.previews?.length) headers.accept = (headers.accept.match(/(?<![\w-])[\w-]+(?=-preview)/g) || []).concat(options.mediaType.previews).map((preview) => {
				return `application/vnd.github.${preview}-preview${options.mediaType.format ? `.${options.mediaType.format}` : "+json"}`;
			}).join(",");
		}
	}
	if (["GET", "HEAD"].includes(method)) url = addQueryParameters(url, remainingParameters);
	else if ("data" in remainingParameters) body = remainingParameters.data;
	else if (Object.keys(remainingParameters).length) body = remainingParameters;
	if (!headers["content-type"] && typeof body !== "undefined") headers["content-type"] = "application/json; charset=utf-8";
	if (["PATCH", "PUT"].includes(method) && typeof body === "undefined") body = "";
	return Object.assign({
		method,
		url,
		headers
	}, typeof body !== "undefined" ? { body } : null, options.request ? { request: options.request } : null);
}
function endpointWithDefaults(defaults, route, options) {
	return parse$1(merge(defaults, route, options));
}
function withDefaults$1(oldDefaults, newDefaults) {
	const DEFAULTS2 = merge(oldDefaults, newDefaults);
	const endpoint2 = endpointWithDefaults.bind(null, DEFAULTS2);
	return Object.assign(endpoint2, {
		DEFAULTS: DEFAULTS2,
		defaults: withDefaults$1.bind(null, DEFAULTS2),
		merge: merge.bind(null, DEFAULTS2),
		parse: parse$1
	});
}
var DEFAULTS, urlVariableRegex, endpoint;
var init_dist_bundle$1 = __esmMin((() => {
	init_universal_user_agent();
	DEFAULTS = {
		method: "GET",
		baseUrl: "https://api.github.com",
		headers: {
			accept: "application/vnd.github.v3+json",
			"user-agent": `octokit-endpoint.js/0.0.0-development ${getUserAgent()}`
		},
		mediaType: { format: "" }
	};
	urlVariableRegex = /\{[^{}}]+\}/g;
	endpoint = withDefaults$1(null, DEFAULTS);
}));
// node_modules/content-type/dist/index.js
/*!
* content-type
* Copyright(c) 2015 Douglas Christopher Wilson
* MIT Licensed
*/
/**
* Parse a `Content-Type` header.
*/
function parse(header, options) {
	const stopFlags = SEMI_FLAG | (options?.comma === true ? COMMA_FLAG : 0);
	const len = header.length;
	let valueStart = options?.start ?? 0;
	while ((CHAR_MAP[header.charCodeAt(valueStart)] & OWS) !== 0) valueStart++;
	let index = valueStart;
	let typeFlags = 0;
	let whitespace = -1;
	let stop = options?.parameters === false ? COMMA_FLAG : 0;
	while (index < len) {
		const code = header.charCodeAt(index);
		const flags = CHAR_MAP[code];
		if ((flags & stopFlags) !== 0) {
			stop |= flags & COMMA_FLAG;
			break;
		}
		if ((flags & OWS) !== 0) {
			if (whitespace === -1) whitespace = index;
		} else whitespace = -1;
		typeFlags |= code & NON_ASCII | flags;
		index++;
	}
	const valueEnd = whitespace === -1 ? index : whitespace;
	const value = header.slice(valueStart, valueEnd);
	const type = (typeFlags & CASE_FLAGS) === 0 ? value : value.toLowerCase();
	if (index === len || stop !== 0) return {
		type,
		index,
		parameters: new NullObject()
	};
	return parseParameters(header, type, index, len, stopFlags);
}
/**
* Parses the parameters of a `Content-Type` header starting at the given index.
*/
function parseParameters(header, type, index, len, stopFlags) {
	const parameters = new NullObject();
	parameter: while (index < len) {
		index++;
		while ((CHAR_MAP[header.charCodeAt(index)] & OWS) !== 0) index++;
		const keyStart = index;
		let keyFlags = 0;
		let keyWhitespace = -1;
		while (index < len) {
			const code = header.charCodeAt(index);
			const flags = CHAR_MAP[code];
			if ((flags & stopFlags) !== 0) {
				if ((flags & COMMA_FLAG) !== 0) break parameter;
				continue parameter;
			}
			if (code === EQ) {
				const keyEnd = keyWhitespace === -1 ? index : keyWhitespace;
				const value = header.slice(keyStart, keyEnd);
				const key = (keyFlags & CASE_FLAGS) === 0 ? value : value.toLowerCase();
				index++;
				while ((CHAR_MAP[header.charCodeAt(index)] & OWS) !== 0) index++;
				if (index < len && header.charCodeAt(index) === DQUOTE) {
					const quotedStart = ++index;
					let escaped = false;
					while (index < len) {
						const code = header.charCodeAt(index);
						if (code === DQUOTE) {
							if (parameters[key] === void 0) parameters[key] = escaped ? unescapeQuotedPairs(header, quotedStart, index) : header.slice(quotedStart, index);
							index++;
							let stop = 0;
							while (index < len) {
								const code = header.charCodeAt(index);
								const flags = CHAR_MAP[code];
								if ((flags & stopFlags) !== 0) {
									stop = flags & COMMA_FLAG;
									break;
								}
								index++;
							}
							if (stop !== 0) break parameter;
							continue parameter;
						}
						if (code === BSLASH && index + 1 < len) {
							escaped = true;
							index += 2;
							continue;
						}
						index++;
					}
					continue parameter;
				}
				const valueStart = index;
				let stop = 0;
				let valueWhitespace = -1;
				while (index < len) {
					const code = header.charCodeAt(index);
					const flags = CHAR_MAP[code];
					if ((flags & stopFlags) !== 0) {
						stop = flags & COMMA_FLAG;
						break;
					}
					if ((flags & OWS) !== 0) {
						if (valueWhitespace === -1) valueWhitespace = index;
					} else valueWhitespace = -1;
					index++;
				}
				if (parameters[key] === void 0) {
					const valueEnd = valueWhitespace === -1 ? index : valueWhitespace;
					parameters[key] = header.slice(valueStart, valueEnd);
				}
				if (stop !== 0) break parameter;
				continue parameter;
			}
			if ((flags & OWS) !== 0) {
				if (keyWhitespace === -1) keyWhitespace = index;
			} else keyWhitespace = -1;
			keyFlags |= code & NON_ASCII | flags;
			index++;
		}
	}
	return {
		type,
		index,
		parameters
	};
}
/**
* Remove backslashes from quoted pairs in a known-terminated quoted string body.
*/
function unescapeQuotedPairs(str, start, end) {
	let result = "";
	for (let index = start; index < end; index++) if (str.charCodeAt(index) === BSLASH) {
		result += str.slice(start, index);
		start = ++index;
	}
	return result + str.slice(start, end);
}
var SP, HTAB, SEMI, EQ, DQUOTE, BSLASH, COMMA, LOWER_CASE, OWS, SEMI_FLAG, COMMA_FLAG, TOKEN_FLAG, NON_ASCII, CASE_FLAGS, CHAR_MAP, NullObject;
var init_dist = __esmMin((() => {
	SP = 32;
	HTAB = 9;
	SEMI = 59;
	EQ = 61;
	DQUOTE = 34;
	BSLASH = 92;
	COMMA = 44;
	LOWER_CASE = 1;
	OWS = 2;
	SEMI_FLAG = 4;
	COMMA_FLAG = 8;
	TOKEN_FLAG = 16;
	NON_ASCII = 65280;
	CASE_FLAGS = 65281;
	CHAR_MAP = /* @__PURE__ */ new Uint8Array(256);
	CHAR_MAP[HTAB] |= OWS;
	CHAR_MAP[SP] |= OWS;
	CHAR_MAP[SEMI] |= SEMI_FLAG;
	CHAR_MAP[COMMA] |= COMMA_FLAG;
	for (let code = 128; code <= 255; code++) CHAR_MAP[code] |= LOWER_CASE;
	for (const char of "!#$%&'*+-.^_`|~") CHAR_MAP[char.charCodeAt(0)] |= TOKEN_FLAG;
	for (let code = 48; code <= 57; code++) CHAR_MAP[code] |= TOKEN_FLAG;
	for (let code = 65; code <= 90; code++) CHAR_MAP[code] |= 17;
	for (let code = 97; code <= 122; code++) CHAR_MAP[code] |= TOKEN_FLAG;
	NullObject = /* @__PURE__ */ (() => {
		const C = function() {};
		C.prototype = Object.create(null);
		return C;
	})();
}));
// node_modules/json-with-bigint/json-with-bigint.js
var intRegex, noiseValue, originalStringify, originalParse, customFormat, bigIntsStringify, noiseStringify, isUnstringifiable, isRawJSON, stringifyIteratively, JSONStringify, featureCache, isContextSourceSupported, convertMarkedBigIntsReviver, JSONParseV2, MAX_INT, MAX_DIGITS, stringsOrLargeNumbers, noiseValueWithQuotes, applyReviverIteratively, serializeBigInts, JSONParse;
var init_json_with_bigint = __esmMin((() => {
	intRegex = /^-?\d+$/;
	noiseValue = /^-?\d+n+$/;
	originalStringify = JSON.stringify;
	originalParse = JSON.parse;
	customFormat = /^-?\d+n$/;
	bigIntsStringify = /([\[:])?"(-?\d+)n"($|\s*[,\}\]])/g;
	noiseStringify = /([\[:])?("-?\d+n+)n("$|"\s*[,\}\]])/g;
	isUnstringifiable = (val) => val === void 0 || typeof val === "function" || typeof val === "symbol";
	isRawJSON = (val) => val !== null && typeof val === "object" && val.constructor && val.constructor.name === "RawJSON";
	stringifyIteratively = (rootValue, replacer, spaceParam) => {
		let space = "";
		if (typeof spaceParam === "number") space = " ".repeat(Math.min(10, Math.max(0, Math.floor(spaceParam))));
		else if (typeof spaceParam === "string") space = spaceParam.slice(0, 10);
		const isFunctionReplacer = typeof replacer === "function";
		const propertyList = Array.isArray(replacer) ? new Set(replacer.map(String)) : null;
		/**
		* Prepares a value for stringification by resolving toJSON, handling BigInts,
		* applying custom replacers, and unwrapping primitive objects.
		*
		* @param {object|Array} parent The parent object or array holding the value.
		* @param {string} key The key associated with the value.
		* @param {any} val The raw value to process.
		* @returns {any} The processed value ready for stringification.
		*/
		const prepareVal = (parent, key, val) => {
			if (val !== null && typeof val === "object" && typeof val.toJSON === "function") val = val.toJSON(key);
			if (typeof val === "string" && noiseValue.test(val)) return val + "n";
			if (typeof val === "bigint") {
				if ("rawJSON" in JSON) return JSON.rawJSON(val.toString());
				return val.toString() + "n";
			}
			if (isFunctionReplacer) val = replacer.call(parent, key, val);
			if (val !== null && typeof val === "object") {
				if (val instanceof Number || val instanceof String || val instanceof Boolean) val = val.valueOf();
			}
			return val;
		};
		const rootProcessed = prepareVal({ "": rootValue }, "", rootValue);
		if (isUnstringifiable(rootProcessed)) return;
		const isRootPrimitive = rootProcessed === null || typeof rootProcessed !== "object";
		const isRootNativeRawJSON = isRawJSON(rootProcessed);
		if (isRootPrimitive || isRootNativeRawJSON) return originalStringify(rootProcessed);
		const chunks = [];
		let level = 0;
		const stack = [{
			parent: { "": rootProcessed },
			key: "",
			val: rootProcessed,
			isArray: Array.isArray(rootProcessed),
			keys: Array.isArray(rootProcessed) ? null : Object.keys(rootProcessed),
			index: 0,
			first: true
		}];
		const visited = new WeakSet([rootProcessed]);
		while (stack.length > 0) {
			const node = stack[stack.length - 1];
			if (node.index === 0) {
				chunks.push(node.isArray ? "[" : "{");
				level++;
			}
			let isDone = false;
			if (node.isArray) {
				if (node.index < node.val.length) {
					if (!node.first) chunks.push(",");
					if (space) chunks.push("\n" + space.repeat(level));
					const childRaw = node.val[node.index];
					const childVal = prepareVal(node.val, String(node.index), childRaw);
					if (isUnstringifiable(childVal)) {
						chunks.push("null");
						node.first = false;
						node.index++;
					} else {
						const isComplexObject = childVal !== null && typeof childVal === "object";
						const isNativeRaw = isRawJSON(childVal);
						if (isComplexObject && !isNativeRaw) {
							if (visited.has(childVal)) throw new TypeError("Converting circular structure to JSON");
							visited.add(childVal);
							stack.push({
								parent: node.val,
								key: String(node.index),
								val: childVal,
								isArray: Array.isArray(childVal),
								keys: Array.isArray(childVal) ? null : Object.keys(childVal),
								index: 0,
								first: true
							});
							node.first = false;
							node.index++;
						} else {
							chunks.push(originalStringify(childVal));
							node.first = false;
							node.index++;
						}
					}
				} else isDone = true;
			} else {
				while (node.index < node.keys.length) {
					const k = node.keys[node.index++];
					if (propertyList && !propertyList.has(k)) continue;
					const childRaw = node.val[k];
					const childVal = prepareVal(node.val, k, childRaw);
					if (isUnstringifiable(childVal)) continue;
					if (!node.first) chunks.push(",");
					if (space) chunks.push("\n" + space.repeat(level) + originalStringify(k) + ": ");
					else chunks.push(originalStringify(k) + ":");
					const isComplexObject = childVal !== null && typeof childVal === "object";
					const isNativeRaw = isRawJSON(childVal);
					if (isComplexObject && !isNativeRaw) {
						if (visited.has(childVal)) throw new TypeError("Converting circular structure to JSON");
						visited.add(childVal);
						stack.push({
							parent: node.val,
							key: k,
							val: childVal,
							isArray: Array.isArray(childVal),
							keys: Array.isArray(childVal) ? null : Object.keys(childVal),
							index: 0,
							first: true
						});
						node.first = false;
						break;
					} else {
						chunks.push(originalStringify(childVal));
						node.first = false;
					}
				}
				if (node.index >= node.keys.length && stack[stack.length - 1] === node) isDone = true;
			}
			if (isDone) {
				level--;
				if (!node.first && space) chunks.push("\n" + space.repeat(level));
				chunks.push(node.isArray ? "]" : "}");
				visited.delete(node.val);
				stack.pop();
			}
		}
		return chunks.join("");
	};
	JSONStringify = (value, replacer, space) => {
		try {
			if ("rawJSON" in JSON) return originalStringify(value, (key, val) => {
				if (typeof val === "bigint") return JSON.rawJSON(val.toString());
				if (typeof replacer === "function") return replacer(key, val);
				if (Array.isArray(replacer) && replacer.includes(key)) return val;
				return val;
			}, space);
			if (!value) return originalStringify(value, replacer, space);
			return originalStringify(value, (key, val) => {
				if (typeof val === "string" && noiseValue.test(val)) return val.toString() + "n";
				if (typeof val === "bigint") return val.toString() + "n";
				if (typeof replacer === "function") return replacer(key, val);
				if (Array.isArray(replacer) && replacer.includes(key)) return val;
				return val;
			}, space).replace(bigIntsStringify, "$1$2$3").replace(noiseStringify, "$1$2$3");
		} catch (error) {
			if (error instanceof RangeError) {
				const convertedJSON = stringifyIteratively(value, replacer, space);
				if (convertedJSON === void 0) return void 0;
				if ("rawJSON" in JSON) return convertedJSON;
				return convertedJSON.replace(bigIntsStringify, "$1$2$3").replace(noiseStringify, "$1$2$3");
			}
			throw error;
		}
	};
	featureCache = /* @__PURE__ */ new Map();
	isContextSourceSupported = () => {
		const parseFingerprint = JSON.parse.toString();
		if (featureCache.has(parseFingerprint)) return featureCache.get(parseFingerprint);
		try {
			const result = JSON.parse("1", (_, __, context) => !!context?.source && context.source === "1");
			featureCache.set(parseFingerprint, result);
			return result;
		} catch {
			featureCache.set(parseFingerprint, false);
			return false;
		}
	};
	convertMarkedBigIntsReviver = (key, value, context, userReviver) => {
		if (typeof value === "string" && customFormat.test(value)) return BigInt(value.slice(0, -1));
		if (typeof value === "string" && noiseValue.test(value)) return value.slice(0, -1);
		if (!(typeof userReviver === "function")) return value;
		return userReviver(key, value, context);
	};
	JSONParseV2 = (text, reviver) => {
		return JSON.parse(text, (key, value, context) => {
			const isBigNumber = typeof value === "number" && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER);
			const isInt = context && intRegex.test(context.source);
			if (isBigNumber && isInt) return BigInt(context.source);
			if (!(typeof reviver === "function")) return value;
			return reviver(key, value, context);
		});
	};
	MAX_INT = Number.MAX_SAFE_INTEGER.toString();
	MAX_DIGITS = MAX_INT.length;
	stringsOrLargeNumbers = /"(?:[^"\\]|\\.)*"|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/g;
	noiseValueWithQuotes = /^"-?\d+n+"$/;
	applyReviverIteratively = (parsed, userReviver) => {
		const rootHolder = { "": parsed };
		const stack = [{
			parent: rootHolder,
			key: "",
			visited: false
		}];
		while (stack.length > 0) {
			const node = stack[stack.length - 1];
			if (!node.visited) {
				node.visited = true;
				const value = node.parent[node.key];
				if (value !== null && typeof value === "object") {
					const keys = Object.keys(value);
					for (let i = keys.length - 1; i >= 0; i--) stack.push({
						parent: value,
						key: keys[i],
						visited: false
					});
				}
			} else {
				const { parent, key } = node;
				let value = parent[key];
				if (typeof value === "string") {
					if (customFormat.test(value)) value = BigInt(value.slice(0, -1));
					else if (noiseValue.test(value)) value = value.slice(0, -1);
				}
				if (typeof userReviver === "function") value = userReviver.call(parent, key, value);
				if (value === void 0) delete parent[key];
				else parent[key] = value;
				stack.pop();
			}
		}
		return rootHolder[""];
	};
	serializeBigInts = (text) => {
		return text.replace(stringsOrLargeNumbers, (match, digits, fractional, exponential) => {
			const isString = match[0] === "\"";
			if (isString && noiseValueWithQuotes.test(match)) return match.substring(0, match.length - 1) + "n\"";
			const hasFractionalOrExponential = fractional || exponential;
			const isLessThanMaxSafeInt = digits && (digits.length < MAX_DIGITS || digits.length === MAX_DIGITS && digits <= MAX_INT);
			if (isString || hasFractionalOrExponential || isLessThanMaxSafeInt) return match;
			return "\"" + match + "n\"";
		});
	};
	JSONParse = (text, reviver) => {
		if (!text) return originalParse(text, reviver);
		try {
			if (isContextSourceSupported()) return JSONParseV2(text, reviver);
			const serializedData = serializeBigInts(text);
			return originalParse(serializedData, (key, value, context) => convertMarkedBigIntsReviver(key, value, context, reviver));
		} catch (error) {
			if (error instanceof RangeError) {
				const serializedData = serializeBigInts(text);
				const parsed = originalParse(serializedData);
				return applyReviverIteratively(parsed, reviver);
			}
			throw error;
		}
	};
}));
// node_modules/@octokit/request-error/dist-src/index.js
var RequestError;
var init_dist_src = __esmMin((() => {
	RequestError = class extends Error {
		name;
		/**
		* http status code
		*/
		status;
		/**
		* Request options that lead to the error.
		*/
		request;
		/**
		* Response object if a response was received
		*/
		response;
		constructor(message, statusCode, options) {
			super(message, { cause: options.cause });
			this.name = "HttpError";
			this.status = Number.parseInt(statusCode);
			if (Number.isNaN(this.status)) this.status = 0;
			/* v8 ignore else -- @preserve -- Bug with vitest coverage where it sees an else branch that doesn't exist */
			if ("response" in options) this.response = options.response;
			const requestCopy = Object.assign({}, options.request);
			if (options.request.headers.authorization) requestCopy.headers = Object.assign({}, options.request.headers, { authorization: options.request.headers.authorization.replace(/(?<! ) .*$/, " [REDACTED]") });
			requestCopy.url = requestCopy.url.replace(/\bclient_secret=\w+/g, "client_secret=[REDACTED]").replace(/\baccess_token=\w+/g, "access_token=[REDACTED]");
			this.request = requestCopy;
		}
	};
}));
// node_modules/@octokit/request/dist-bundle/index.js
function isPlainObject(value) {
	if (typeof value !== "object" || value === null) return false;
	if (Object.prototype.toString.call(value) !== "[object Object]") return false;
	const proto = Object.getPrototypeOf(value);
	if (proto === null) return true;
	const Ctor = Object.prototype.hasOwnProperty.call(proto, "constructor") && proto.constructor;
	return typeof Ctor === "function" && Ctor instanceof Ctor && Function.prototype.call(Ctor) === Function.prototype.call(value);
}
async function fetchWrapper(requestOptions) {
	const fetch = requestOptions.request?.fetch || globalThis.fetch;
	if (!fetch) throw new Error("fetch is not set. Please pass a fetch implementation as new Octokit({ request: { fetch }}). Learn more at https://github.com/octokit/octokit.js/#fetch-missing");
	const log = requestOptions.request?.log || console;
	const parseSuccessResponseBody = requestOptions.request?.parseSuccessResponseBody !== false;
	const body = isPlainObject(requestOptions.body) || Array.isArray(requestOptions.body) ? JSONStringify(requestOptions.body) : requestOptions.body;
	const requestHeaders = Object.fromEntries(Object.entries(requestOptions.headers).map(([name, value]) => [name, String(value)]));
	let fetchResponse;
	try {
		fetchResponse = await fetch(requestOptions.url, {
			method: requestOptions.method,
			body,
			redirect: requestOptions.request?.redirect,
			headers: requestHeaders,
			signal: requestOptions.request?.signal,
			...requestOptions.body && { duplex: "half" }
		});
	} catch (error) {
		let message = "Unknown Error";
		if (error instanceof Error) {
			if (error.name === "AbortError") {
				error.status = 500;
				throw error;
			}
			message = error.message;
			if (error.name === "TypeError" && "cause" in error) {
				if (error.cause instanceof Error) message = error.cause.message;
				else if (typeof error.cause === "string") message = error.cause;
			}
		}
		const requestError = new RequestError(message, 500, { request: requestOptions });
		requestError.cause = error;
		throw requestError;
	}
	const status = fetchResponse.status;
	const url = fetchResponse.url;
	const responseHeaders = {};
	for (const [key, value] of fetchResponse.headers) responseHeaders[key] = value;
	const octokitResponse = {
		url,
		status,
		headers: responseHeaders,
		data: ""
	};
	if ("deprecation" in responseHeaders) {
		const matches = responseHeaders.link && responseHeaders.link.match(/<([^<>]+)>; rel="deprecation"/);
		const deprecationLink = matches && matches.pop();
		log.warn(`[@octokit/request] "${requestOptions.method} ${requestOptions.url}" is deprecated. It is scheduled to be removed on ${responseHeaders.sunset}${deprecationLink ? `. See ${deprecationLink}` : ""}`);
	}
	if (status === 204 || status === 205) return octokitResponse;
	if (requestOptions.method === "HEAD") {
		if (status < 400) return octokitResponse;
		throw new RequestError(fetchResponse.statusText, status, {
			response: octokitResponse,
			request: requestOptions
		});
	}
	if (status === 304) {
		octokitResponse.data = await getResponseData(fetchResponse);
		throw new RequestError("Not modified", status, {
			response: octokitResponse,
			request: requestOptions
		});
	}
	if (status >= 400) {
		octokitResponse.data = await getResponseData(fetchResponse);
		throw new RequestError(toErrorMessage(octokitResponse.data), status, {
			response: octokitResponse,
			request: requestOptions
		});
	}
	octokitResponse.data = parseSuccessResponseBody ? await getResponseData(fetchResponse) : fetchResponse.body;
	return octokitResponse;
}
async function getResponseData(response) {
	const contentType = response.headers.get("content-type");
	if (!contentType) return response.text().catch(noop);
	const mimetype = parse(contentType);
	if (isJSONResponse(mimetype)) {
		let text = "";
		try {
			text = await response.text();
			return JSONParse(text);
		} catch (err) {
			return text;
		}
	} else if (mimetype.type.startsWith("text/") || mimetype.parameters.charset?.toLowerCase() === "utf-8" && mimetype.type !== "application/octet-stream") return response.text().catch(noop);
	else return response.arrayBuffer().catch(
		/* v8 ignore next -- @preserve */
		() => /* @__PURE__ */ new ArrayBuffer(0)
	);
}
function isJSONResponse(mimetype) {
	return mimetype.type === "application/json" || mimetype.type === "application/scim+json";
}
function toErrorMessage(data) {
	if (typeof data === "string") return data;
	if (data instanceof ArrayBuffer) return "Unknown error";
	if (typeof data === "object" && data !== null && "message" in data) {
		const objectData = data;
		const suffix = "documentation_url" in objectData ? ` - ${objectData.documentation_url}` : "";
		return Array.isArray(objectData.errors) ? `${objectData.message}: ${objectData.errors.map((v) => JSON.stringify(v)).join(", ")}${suffix}` : `${objectData.message}${suffix}`;
	}
	return `Unknown error: ${JSON.stringify(data)}`;
}
function withDefaults(oldEndpoint, newDefaults) {
	const endpoint2 = oldEndpoint.defaults(newDefaults);
	const newApi = function(route, parameters) {
		const endpointOptions = endpoint2.merge(route, parameters);
		if (!endpointOptions.request || !endpointOptions.request.hook) return fetchWrapper(endpoint2.parse(endpointOptions));
		const request2 = (route2, parameters2) => {
			return fetchWrapper(endpoint2.parse(endpoint2.merge(route2, parameters2)));
		};
		Object.assign(request2, {
			endpoint: endpoint2,
			defaults: withDefaults.bind(null, endpoint2)
		});
		return endpointOptions.request.hook(request2, endpointOptions);
	};
	return Object.assign(newApi, {
		endpoint: endpoint2,
		defaults: withDefaults.bind(null, endpoint2)
	});
}
var defaults_default, noop, request;
/* v8 ignore next -- @preserve */
/* v8 ignore else -- @preserve */
// src/names.ts
__esmMin((() => {
	init_dist_bundle$1();
	init_universal_user_agent();
	init_dist();
	init_json_with_bigint();
	init_dist_src();
	defaults_default = { headers: { "user-agent": `octokit-request.js/10.0.16 ${getUserAgent()}` } };
	noop = () => "";
	request = withDefaults(endpoint, defaults_default);
}))();
/** The booleans of the YAML 1.2 core schema, as `core.getBooleanInput` accepts them. */
function parseBoolean(value) {
	if (/^(?:true|True|TRUE)$/.test(value)) return true;
	return /^(?:false|False|FALSE)$/.test(value) ? false : void 0;
}
/** Decimal digits only, between two bounds. */
function parseWholeNumber(value, least, most) {
	if (!/^\d{1,9}$/.test(value)) return void 0;
	const number = Number(value);
	return number >= least && number <= most ? number : void 0;
}
/** GitHub's own limits: 39 characters for an owner (more for enterprise-managed users), 100 for a name. */
function parseRepository(value) {
	const [, owner, repo] = /^([A-Za-z0-9][A-Za-z0-9_-]{0,99})\/([A-Za-z0-9._-]{1,100})$/.exec(value) ?? [];
	return owner === void 0 || repo === void 0 || repo === "." || repo === ".." ? void 0 : {
		owner,
		repo
	};
}
/** A user or an organization. */
function parseOwner(value) {
	return /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/.test(value) ? value : void 0;
}
/** Scopes (RFC 6749, appendix A.4), returned with single spaces between them. */
function parseScope(value) {
	const scopes = value.split(/\s+/);
	return scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)) ? scopes.join(" ") : void 0;
}
/** The address of one Box file or folder in the API. */
function parseResource(value) {
	return /^https:\/\/[^\s/?#@]+\/2\.0\/(?:files|folders)\/\d+$/.test(value) && URL.canParse(value) ? value : void 0;
}
/** A Box shared link, on any host. */
function parseSharedLink(value) {
	return /^https:\/\/[^\s/?#@]+\/\S+$/.test(value) && URL.canParse(value) ? value : void 0;
}
/**
* Any name that GitHub allows, unless it would lead elsewhere as part of a path: it is sent percent-encoded, and a proxy on
* the way may decode it once or twice.
*/
function parseEnvironmentName(value) {
	if (value.length > 255 || /\p{Cc}/u.test(value)) return void 0;
	let path = value;
	for (let layer = 0; layer < 4; layer += 1) {
		if (/\p{Cc}/u.test(path) || path.split(/[\\/]/).some((segment) => segment === "." || segment === "..")) return void 0;
		path = path.replace(/%([0-7][0-9a-f])/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
	}
	return value;
}
/** GitHub Docs, "Naming your secrets". */
function parseSecretName(value) {
	return /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/i.test(value) ? value : void 0;
}
/** Root of an API, without a final slash: https, or http on loopback. */
function parseApiUrl(value) {
	const url = URL.canParse(value) && !/[\s\p{Cc}]/u.test(value) ? new URL(value) : void 0;
	if (!url || url.username !== "" || url.password !== "" || /[?#]/.test(value)) return void 0;
	return url.protocol === "https:" || url.protocol === "http:" && isLoopback(url.hostname) ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : void 0;
}
function isLoopback(hostname) {
	return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
/** Leaves room for what claims add to the name (GitHub allows 255 characters). */
const longestStateVariable = 200;
/** GitHub Docs, "Naming conventions for configuration variables": the same as for secrets. */
function parseStateVariable(value) {
	return value.length <= longestStateVariable ? parseSecretName(value) : void 0;
}
// src/encodings.ts
/** The encoded forms of a text that a server may send back, and the way out of them. */
/** A shorter fragment also occurs in ordinary words, and reveals nothing. */
const shortestFragment = 4;
/**
* The encoded forms in which a secret may come back: plain, URI and form encoding, JSON, HTML, hexadecimal, base64 and
* base64url. Base64 depends on what precedes the secret, so there are three alignments of it, without the characters that
* also depend on their neighbors.
*
* @returns the forms, the secret itself first; none for an empty text
*/
function encodedForms(secret) {
	const bytes = Buffer.from(secret, "utf8");
	const uri = encodeURIComponent(secret);
	const json = JSON.stringify(secret).slice(1, -1);
	const forms = [
		secret,
		uri,
		uri.replaceAll("%20", "+"),
		encodeURIComponent(uri),
		new URLSearchParams([["", secret]]).toString().slice(1),
		json,
		json.replaceAll("/", "\\/"),
		JSON.stringify(json).slice(1, -1),
		secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;"),
		bytes.toString("hex")
	];
	for (let before = 0; before < 3; before += 1) {
		const base64 = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64").replace(/=+$/, "");
		const first = Math.ceil(before * 8 / 6);
		const last = Math.floor((before + bytes.length) * 8 / 6);
		const own = base64.slice(first, last);
		forms.push(own, own.replaceAll("+", "-").replaceAll("/", "_"));
	}
	const telling = forms.filter((form) => form === secret || form.length >= shortestFragment);
	return [...new Set(telling)].filter((form) => form !== "");
}
/** Forms that are recognized by their letters and digits alone: the bytes as a sequence of numbers. */
function looseForms(secret) {
	const bytes = [...Buffer.from(secret, "utf8")];
	return [
		bytes.join(""),
		bytes.map((byte) => byte.toString(8).padStart(3, "0")).join(""),
		bytes.map((byte) => `x${byte.toString(16).padStart(2, "0")}`).join("")
	];
}
/** Only the letters and digits, in lower case and in their plain form (not full-width, for example). */
function squeeze(text) {
	return text.normalize("NFKC").replace(/[^\p{L}\p{N}]+/gu, "").toLowerCase();
}
/** Decodes several layers of percent encoding, quoted-printable, C and JSON escapes, and HTML entities. */
function decoded$1(text) {
	let result = text;
	for (let layer = 0; layer < 3; layer += 1) result = result.replace(/%([0-9a-f]{2})/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16))).replace(/=([0-9a-f]{2})/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16))).replace(/(?:\\|0)x([0-9a-f]{2})/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16))).replace(/\\u([0-9a-f]{4})/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16))).replace(/&#x([0-9a-f]{1,4});/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16))).replace(/&#(\d{1,5});/g, (_all, digits) => String.fromCharCode(Number(digits))).replace(/\\([0-3][0-7]{2})/g, (_all, octal) => String.fromCharCode(Number.parseInt(octal, 8))).replace(/\\(.)/g, "$1").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", "\"").replaceAll("&amp;", "&");
	return result;
}
// src/redact.ts
/**
* Makes text from servers fit to print. Error texts of Box and GitHub are shown because they help. But a server, or a proxy
* on the way, may echo what was sent to it: every known secret is removed first, in every common encoding.
*/
const replacement = "***";
const longestForeignText = 200;
/** Far more than is printed, and little enough to search through. */
const longestSearchedText = 2e4;
/**
* This many letters and digits in a row from a secret, or from an encoded form of it, are no coincidence, even if the rest is
* missing or other characters are in between.
*/
const tellingPiece = 12;
/** A secret with fewer letters and digits than that, but at least this many, is searched for as a whole. */
const shortestTelling = 8;
/**
* Defuses the older form of workflow commands: unlike `::command::`, the runner executes `##[command]` anywhere in a line
* (actions/runner, ActionCommand.TryParse).
*/
function withoutCommands(text) {
	return text.replaceAll("##[", "## [");
}
/** Collects the secrets of a run and removes them from text. */
var Redactor = class {
	#forms = /* @__PURE__ */ new Set();
	/** Pieces of all forms, each of `tellingPiece` characters in lower case. */
	#pieces = /* @__PURE__ */ new Set();
	/** The letters and digits of forms that are too short for a piece. */
	#wholes = /* @__PURE__ */ new Set();
	/** Secrets not yet broken into pieces: there are thousands of pieces, and only text from servers needs them. */
	#unbroken = [];
	/** Registers a secret. An empty text is not one. */
	add(secret) {
		for (const form of encodedForms(secret)) this.#forms.add(form);
		this.#unbroken.push(secret);
	}
	#breakUp(secret) {
		for (const piece of piecesOf(secret.toLowerCase())) this.#pieces.add(piece);
		for (const form of [...encodedForms(secret), ...looseForms(secret)]) {
			const squeezed = squeeze(form);
			if (squeezed.length >= shortestTelling && squeezed.length < tellingPiece) this.#wholes.add(squeezed);
			for (const piece of piecesOf(squeezed)) this.#pieces.add(piece);
		}
	}
	/**
	* Replaces every known secret with three asterisks, in all its encoded forms, in upper or lower case. Secrets that overlap
	* in the text become one.
	*/
	redact(text) {
		const searched = text.toLowerCase();
		const fits = searched.length === text.length;
		const found = [];
		for (const form of this.#forms) {
			const wanted = fits ? form.toLowerCase() : form;
			const place = fits ? searched : text;
			for (let from = place.indexOf(wanted); from >= 0; from = place.indexOf(wanted, from + 1)) found.push({
				from,
				to: from + wanted.length
			});
		}
		let result = "";
		let done = 0;
		for (const { from, to } of found.toSorted((a, b) => a.from - b.from)) {
			if (from >= done) result += text.slice(done, from) + replacement;
			done = Math.max(done, to);
		}
		return result + text.slice(done);
	}
	/**
	* Prepares one field of a server's answer for printing.
	*
	* @returns the text without secrets, without control and format characters (so that no line break can start a workflow
	*   command), without backticks and the older form of workflow commands, with single spaces, and at most 200 characters
	*   long; or a note that it is withheld, if what is left still reveals part of a secret
	*/
	foreign(text) {
		const redacted = this.redact(text.slice(0, longestSearchedText));
		if (this.#givesAway(redacted)) return "(withheld: it contains part of a secret)";
		const line = redacted.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").replace(/ {2,}/g, " ").replaceAll("`", "'").trim();
		const characters = Array.from(withoutCommands(line));
		if (characters.length <= longestForeignText) return characters.join("");
		return `${characters.slice(0, 199).join("")}\u2026`;
	}
	/** Whether part of a secret shows, or one that is split by other characters or under another layer of encoding. */
	#givesAway(text) {
		for (const secret of this.#unbroken) this.#breakUp(secret);
		this.#unbroken = [];
		const close = text.replace(/[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, "");
		return [
			text,
			close,
			decoded$1(text),
			decoded$1(close)
		].some((view) => this.redact(view) !== view || this.#hasPiece(view.toLowerCase()) || this.#hasPiece(squeeze(view)));
	}
	#hasPiece(text) {
		for (const piece of piecesOf(text)) if (this.#pieces.has(piece)) return true;
		return [...this.#wholes].some((whole) => text.includes(whole));
	}
};
function* piecesOf(text) {
	for (let at = 0; at + tellingPiece <= text.length; at += 1) yield text.slice(at, at + tellingPiece);
}
// src/github/remedy.ts
/**
* Why GitHub refuses something that a token's permissions would allow, and what to do about it. The reason is read from
* GitHub's own wording, which is mostly undocumented and known from public reports. More permissions help only in the
* last two cases.
*/
/** The longest address that is shown. A longer one would be cut off, and lead nowhere. */
const longestAddress = 200;
const words = [
	["ip-allow-list", /\bIP allow list\b|\bIP address is not permitted\b/i],
	["token-lifetime", /\bforbids access via\b.*\blifetime\b/is],
	["token-kind", /\bforbids access via\b/i],
	["archived", /\brepository was archived\b|\barchived so is read-only\b/i],
	["integration", /\bnot accessible by integration\b/i],
	["personal-token", /\bnot accessible by (?:fine-grained )?personal access token\b/i]
];
/**
* Finds out from GitHub's answer what is in the way.
*
* @param message as GitHub sent it
* @returns `undefined` for any status but 403, and for a 403 whose reason is not known
*/
function barrierIn(status, headers, message) {
	if (status !== 403) return void 0;
	const signOn = headers.get("x-github-sso") ?? "";
	if (/^\s*required\b/i.test(signOn) || /\bSAML enforcement\b/i.test(message)) return {
		kind: "single-sign-on",
		address: addressIn(signOn)
	};
	const kind = words.find(([, pattern]) => pattern.test(message))?.[0];
	return kind && { kind };
}
/** `x-github-sso: required; url=https://github.com/orgs/\u2026/sso?authorization_request=\u2026` (GitHub Docs, "SAML"). */
function addressIn(header) {
	const address = /;\s*url=(https:\/\/[\w.-]+(?::\d+)?\/[\w./?=&%~+-]*)\s*$/i.exec(header)?.[1];
	return address !== void 0 && address.length <= longestAddress ? address : void 0;
}
/** A barrier in words, without a full stop; `undefined` if GitHub's own words say it all. */
function barrierInWords(barrier) {
	switch (barrier?.kind) {
		case "single-sign-on": return `the token is not authorized for the organization's single sign-on${barrier.address === void 0 ? "" : ` (${barrier.address})`}`;
		case "ip-allow-list": return "an IP allow list blocks this address";
		case "token-lifetime": return "the token's lifetime is longer than the organization allows";
		case "token-kind": return "the organization does not accept this kind of token";
		case "archived": return "the repository is archived, which makes it read-only";
		case "integration":
		case "personal-token":
		case void 0: return;
	}
}
/**
* What to do about a barrier.
*
* @returns `undefined` if a permission is missing, or if GitHub's reason is not known
*/
function remedyFor({ barrier }, { token, wanted, machine, again }) {
	switch (barrier?.kind) {
		case "single-sign-on": return {
			reason: "the token is not authorized for the organization's single sign-on",
			next: barrier.address === void 0 ? `Authorize ${token} for the organization's single sign-on ("Configure SSO" next to the token in your GitHub settings), then ${again}.` : `Authorize ${token} for single sign-on at ${barrier.address}, then ${again}.`
		};
		case "ip-allow-list": return {
			reason: `an IP allow list blocks ${machine}`,
			next: `Ask an owner of the organization to add the address of ${machine} to the IP allow list, or use a machine whose address is on it, then ${again}.`
		};
		case "token-lifetime": return {
			reason: "the token's lifetime is longer than the organization allows",
			next: `In your GitHub settings, give ${token} an expiration date within that limit (or create a new token and store it), then ${again}. A GitHub App token has no such limit.`
		};
		case "token-kind": return {
			reason: "the organization does not accept this kind of token",
			next: `Replace ${token} with a kind of token that the organization accepts (${wanted}), then ${again}.`
		};
		case "archived": return {
			reason: "the repository is archived, which makes it read-only",
			next: `Unarchive the repository in its settings, or move the workflow and the secrets to another one, then ${again}.`
		};
		case "integration":
		case "personal-token":
		case void 0: return;
	}
}
/** What else may be missing besides a permission: a sentence to append to the one that names it, or `''`. */
function besidesPermission({ barrier }) {
	if (barrier?.kind === "integration") return " For a GitHub App, add the permission in its settings, then accept the change where it is installed.";
	if (barrier?.kind === "personal-token") return " If the token already has that permission, ask an owner of the organization to approve the token.";
	return "";
}
/**
* Reads where a redirect leads. Only a name or a number is taken from it; the address itself is never used.
*
* @param location the `Location` header
*/
function movedIn(location) {
	const id = /\/repositories\/(\d{1,18})(?:[/?]|$)/.exec(location)?.[1];
	if (id !== void 0) return { id };
	const name = /\/repos\/([^/?#]+\/[^/?#]+)(?:[/?]|$)/.exec(location)?.[1];
	return name !== void 0 && parseRepository(name) ? { name } : void 0;
}
// src/github/client.ts
/** GitHub's REST API through Octokit: single requests, or with retries. Callers check the answers. */
init_json();
/** The version of the REST API that the routes are written for; GitHub Enterprise Server supports it, too. */
const apiVersion = "2022-11-28";
/** Far more than any answer needs. */
const maxBytes$1 = 2097152;
/** GitHub could not be reached, or kept answering with errors or a rate limit, until the budget was used up. */
var GitHubUnavailable = class extends Error {
	name = "GitHubUnavailable";
	/** The result of the last try. */
	last;
	/** How long GitHub asks to wait, in milliseconds. */
	waitMs;
	constructor(last, waitMs) {
		super("GitHub is unavailable");
		this.last = last instanceof TransportError ? last : {
			status: last.status,
			message: last.message,
			requestId: last.requestId,
			barrier: last.barrier,
			movedTo: last.movedTo
		};
		this.waitMs = waitMs;
	}
};
/** A client of GitHub's REST API. */
var GitHubClient = class {
	#options;
	#redactor = new Redactor();
	constructor(options) {
		this.#options = options;
		if (options.token !== void 0) this.#redactor.add(options.token);
	}
	/**
	* Sends a request once.
	*
	* @returns the answer, whatever its status
	* @throws TransportError if no answer arrived
	*/
	async send(request$1, limit) {
		const { network, apiUrl, token } = this.#options;
		const fetchOne = boundedFetch(network, {
			timeoutMs: limit.timeoutMs,
			signal: limit.signal,
			maxBytes: maxBytes$1
		});
		const askedAt = network.clock.monotonic();
		let response;
		let data;
		try {
			data = (await request(request$1.route, {
				...request$1.parameters,
				baseUrl: apiUrl,
				headers: {
					...token === void 0 ? {} : { authorization: `Bearer ${token}` },
					"user-agent": userAgent,
					"x-github-api-version": apiVersion
				},
				request: {
					fetch: async (url, init) => response = await fetchOne(url, init),
					log: {
						debug: silent,
						info: silent,
						warn: silent,
						error: silent
					}
				}
			})).data;
		} catch (error) {
			if (response === void 0) throw transportErrorIn(error);
			data = dataIn(error);
		}
		if (response === void 0) throw new Error("Octokit returned without sending the request");
		const { status, headers } = response;
		const message = messageIn(data);
		return {
			status,
			headers,
			data,
			moment: serverMoment(headers, network.clock),
			askedAt,
			message: this.#redactor.foreign(message),
			requestId: this.#redactor.foreign(headers.get("x-github-request-id") ?? ""),
			barrier: this.#printable(barrierIn(status, headers, message))
		};
	}
	/** Drops an address that repeats the token: nobody should open that. */
	#printable(barrier) {
		if (barrier?.kind !== "single-sign-on" || barrier.address === void 0) return barrier;
		return this.#redactor.foreign(barrier.address) === barrier.address ? barrier : {
			kind: barrier.kind,
			address: void 0
		};
	}
	/**
	* Finds the present name of a repository that GitHub redirects to. The redirect itself is not followed; this asks the
	* client's own API instead (`GET /repositories/{id}`).
	*
	* @returns `owner/name`, or `undefined` if GitHub does not give it
	*/
	async presentName({ headers }, limit) {
		const moved = movedIn(headers.get("location") ?? "");
		if (!moved) return void 0;
		if ("name" in moved) return this.#redactor.foreign(moved.name) === moved.name ? moved.name : void 0;
		const outcome = await this.try({
			route: "GET /repositories/{id}",
			parameters: moved
		}, limit);
		if (outcome.kind !== "answer" || outcome.last.status !== 200 || !isRecord(outcome.last.data)) return void 0;
		const name = outcome.last.data["full_name"];
		return typeof name === "string" && parseRepository(name) && this.#redactor.foreign(name) === name ? name : void 0;
	}
	/**
	* Sends a request, and tries again through outages, rate limits and senseless answers for as long as the budget
	* allows.
	*
	* @param read takes what it needs from an answer; `undefined` means that the answer is not usable
	* @param settle may accept a 5xx answer after some tries; `undefined` means to try again
	* @returns what `read` or `settle` returned
	* @throws GitHubUnavailable if there is no usable answer in time, or at once if trying again cannot help
	*/
	async request(request, budget, read, settle = () => void 0) {
		for (let tries = 1;; tries += 1) {
			const outcome = await this.try(request, budget);
			const { last } = outcome;
			const value = outcome.kind === "answer" ? read(outcome.last) : last instanceof TransportError ? void 0 : settle(last, tries);
			if (value !== void 0) return value;
			const givesUp = outcome.kind === "answer" && tries >= (this.#options.mostSenseless ?? Infinity) || isLasting(last, tries);
			if (givesUp && outcome.kind === "answer" && isRedirect(outcome.last.status)) {
				const movedTo = await this.presentName(outcome.last, budget);
				throw new GitHubUnavailable({
					...outcome.last,
					movedTo
				}, void 0);
			}
			if (givesUp || !await budget.pause(outcome.waitMs)) throw new GitHubUnavailable(last, outcome.waitMs);
		}
	}
	/** Sends a request once, and tells an answer to work with from a fault that may pass. */
	async try(request, limit) {
		try {
			const reply = await this.send(request, limit);
			if (isRateLimit(reply)) return {
				kind: "passing",
				last: reply,
				waitMs: rateLimitWaitMs(reply),
				mayHaveArrived: false
			};
			if (reply.status >= 500) return {
				kind: "passing",
				last: reply,
				waitMs: retryAfterMs(reply.headers),
				mayHaveArrived: true
			};
			return {
				kind: "answer",
				last: reply,
				waitMs: void 0,
				mayHaveArrived: true
			};
		} catch (error) {
			if (!(error instanceof TransportError)) throw error;
			return {
				kind: "passing",
				last: error,
				waitMs: void 0,
				mayHaveArrived: error.mayHaveArrived
			};
		}
	}
};
/** Whether waiting is unlikely to help: a certificate is not trusted, or a redirect persists (a renamed repository). */
function isLasting(last, tries) {
	if (last instanceof TransportError) return last.fault === "certificate";
	return isRedirect(last.status) && tries >= 3;
}
/** Whether a status is a redirect. This client never follows one. */
function isRedirect(status) {
	return status >= 300 && status < 400;
}
function silent() {}
function transportErrorIn(error) {
	for (let current = error; current instanceof Error; current = current.cause) if (current instanceof TransportError) return current;
	return error;
}
function dataIn(error) {
	const response = isRecord(error) ? error["response"] : void 0;
	return isRecord(response) ? response["data"] : void 0;
}
function messageIn(data) {
	const message = isRecord(data) ? data["message"] : void 0;
	return typeof message === "string" ? message : "";
}
/** 429, or 403 with one of the signs in GitHub Docs, "Rate limits for the REST API". */
function isRateLimit(reply) {
	if (reply.status === 429) return true;
	if (reply.status !== 403) return false;
	return reply.headers.has("retry-after") || reply.headers.get("x-ratelimit-remaining") === "0" || /rate limit|abuse detection/i.test(reply.message);
}
/** `retry-after`, or else the time until `x-ratelimit-reset` (seconds since 1970) by GitHub's clock; in milliseconds. */
function rateLimitWaitMs(reply) {
	const asked = retryAfterMs(reply.headers);
	if (asked !== void 0) return asked;
	const reset = reply.headers.get("x-ratelimit-reset") ?? "";
	if (reply.headers.get("x-ratelimit-remaining") !== "0" || !/^\d{1,12}$/.test(reset) || !reply.moment) return void 0;
	return Math.max(0, Number(reset) * 1e3 - reply.moment.date);
}
// src/sealing/sodium.ts
let ready;
/** Loads and starts libsodium. Everything that seals, opens or hashes needs this first. */
async function sealingReady() {
	const { default: loaded } = await import(
		/* webpackIgnore: true */
		"./libsodium.js"
);
	await loaded.ready;
	ready = loaded;
}
/** libsodium, once `sealingReady` has resolved. */
function libsodium() {
	if (!ready) throw new Error("sealing is not ready");
	return ready;
}
// src/sealing/sealed-box.ts
/** Seals values for GitHub's secret stores, as GitHub requires: a libsodium sealed box (X25519, XSalsa20-Poly1305). */
/** Whether a text looks like a public key: base64 of 32 bytes. Not every such text is one; see `canSeal`. */
function isPublicKey(base64) {
	return /^[A-Za-z0-9+/]{43}=$/.test(base64);
}
/** Whether values can be sealed with a key: not all 32 bytes are a point on the curve. Needs `sealingReady` first. */
function canSeal(key) {
	try {
		sealFor(key, "");
		return true;
	} catch {
		return false;
	}
}
/**
* Encrypts a secret for a store; only GitHub can open it. Needs `sealingReady` first.
*
* @returns base64 of the sealed box, as `PUT \u2026/actions/secrets/{secret_name}` takes it
* @throws if the key is not an X25519 public key
*/
function sealFor(key, secret) {
	const sodium = libsodium();
	const publicKey = sodium.from_base64(key.publicKey, sodium.base64_variants.ORIGINAL);
	return sodium.to_base64(sodium.crypto_box_seal(sodium.from_string(secret), publicKey), sodium.base64_variants.ORIGINAL);
}
// src/github/secret-store.ts
init_json();
/** One secret in one place. */
var Secret = class {
	place;
	name;
	#client;
	constructor(client, place, name) {
		this.#client = client;
		this.place = place;
		this.name = name;
	}
	/** The secret in words: `secret BOX_REFRESH_TOKEN of environment "production" of octo/app`. */
	get title() {
		return `secret ${this.name} of ${this.place.name}`;
	}
	#request(method, body = {}) {
		const { secretRoute, parameters } = this.place;
		return {
			route: `${method} ${secretRoute}`,
			parameters: {
				...parameters,
				secret_name: this.name,
				...body
			}
		};
	}
	/**
	* Reads the public key that secrets of this place are sealed with (`GET \u2026/secrets/public-key`).
	*
	* @throws GitHubUnavailable
	*/
	async publicKey(budget) {
		const request = {
			route: `GET ${this.place.keyRoute}`,
			parameters: this.place.parameters
		};
		return this.#client.request(request, budget, (reply) => refusal(reply) ?? keyIn(reply));
	}
	/**
	* Looks when the secret was last written (`GET \u2026/secrets/{secret_name}`). Its value cannot be read.
	*
	* @throws GitHubUnavailable
	*/
	async metadata(budget) {
		return this.#client.request(this.#request("GET"), budget, (reply) => refusal(reply) ?? metadataIn(reply));
	}
	/**
	* Rule 1: finds out whether the token may write, without writing. GitHub answers a PUT of an empty object with 422 if the
	* token may write, and with 403 or 404 if it may not. The order of GitHub's checks is not documented, so any other
	* answer means "unknown".
	*
	* @throws GitHubUnavailable
	*/
	async probeWrite(budget) {
		return this.#client.request(this.#request("PUT", { data: {} }), budget, (reply) => {
			const no = refusal(reply);
			if (no) return {
				answer: "no",
				status: no.refused,
				...no
			};
			return {
				answer: reply.status === 422 ? "yes" : "unknown",
				status: reply.status
			};
		}, (reply, tries) => reply.status === 500 && tries >= 3 ? {
			answer: "unknown",
			status: 500
		} : void 0);
	}
	/**
	* Reads the settings that a write has to repeat so that they stay as they are.
	*
	* @throws GitHubUnavailable
	*/
	async settings({ fields }, budget) {
		return this.place.settings?.(this.#client, this.name, fields, budget) ?? { body: {} };
	}
	/**
	* Writes the secret once (`PUT \u2026/secrets/{secret_name}`). The outcome is 201 or 204 if it is stored.
	*
	* @param settings fields to send along, from `settings`
	*/
	async write(sealed, keyId, settings, limit) {
		return this.#client.try(this.#request("PUT", {
			...settings,
			encrypted_value: sealed,
			key_id: keyId
		}), limit);
	}
};
/** GitHub's refusal of a request, if the answer is one. */
function refusal({ status, message, barrier }) {
	return status === 401 || status === 403 || status === 404 ? {
		refused: status,
		message,
		barrier
	} : void 0;
}
function keyIn({ status, data }) {
	if (status !== 200 || !isRecord(data)) return void 0;
	const { key_id: keyId, key } = data;
	if (typeof keyId !== "string" || keyId === "" || typeof key !== "string" || !isPublicKey(key)) return void 0;
	return {
		keyId,
		publicKey: key
	};
}
function metadataIn({ status, headers, data, moment }) {
	if (status !== 200 || !isRecord(data) || typeof data["updated_at"] !== "string") return void 0;
	const updatedAt = Date.parse(data["updated_at"]);
	if (Number.isNaN(updatedAt)) return void 0;
	return {
		updatedAt,
		moment,
		fields: data,
		tokenExpiresAt: tokenExpiryIn(headers)
	};
}
/** `github-authentication-token-expiration: 2026-12-01 10:00:00 UTC`, or with an offset such as `+0900`. */
function tokenExpiryIn(headers) {
	const text = headers.get("github-authentication-token-expiration") ?? "";
	const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?(?:UTC|Z|([+-]\d\d):?(\d\d))$/.exec(text);
	if (!match) return void 0;
	const [, day, time, hours, minutes] = match;
	const at = Date.parse(`${day}T${time}${hours === void 0 ? "Z" : `${hours}:${minutes}`}`);
	return Number.isNaN(at) ? void 0 : at;
}
// src/sealing/envelope.ts
/**
* Sealed texts that only this app's owner can open: XChaCha20-Poly1305 (libsodium), with a key derived from the client
* secret and the optional state key. A text that is sealed as one kind does not open as another.
*/
/** The version of the format, in front of a sealed text. */
const version = "v1";
function prefixOf(kind) {
	return `box-token-${kind}.`;
}
/** Encodes several texts as one, so that no two lists give the same bytes. */
function joined$1(...parts) {
	return libsodium().from_string(JSON.stringify(parts));
}
/** A separate key for each kind, client secret and state key: BLAKE2b over all of them. */
function keyFor(kind, { clientSecret, stateKey }) {
	const sodium = libsodium();
	const material = joined$1("box-token-action", kind, version, clientSecret, stateKey ?? "");
	return sodium.crypto_generichash(sodium.crypto_aead_xchacha20poly1305_ietf_KEYBYTES, material, null);
}
/**
* Seals a value. Needs `sealingReady` first.
*
* @param clientId bound to the text, which opens only for this app
* @param value anything that JSON can hold
* @param place bound to the text, too, if it is kept where others can write: it opens only there
* @returns one line of `box-token-<kind>.v1.` and base64url
*/
function seal(kind, secrets, clientId, value, place = []) {
	const sodium = libsodium();
	const nonce = sodium.randombytes_buf(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
	const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sodium.from_string(JSON.stringify(value)), joined$1(kind, version, clientId, ...place), null, nonce, keyFor(kind, secrets));
	return `${prefixOf(kind)}${version}.${Buffer.concat([nonce, sealed]).toString("base64url")}`;
}
/**
* Opens a sealed text. Needs `sealingReady` first.
*
* @returns the value, still to be checked, or why it did not open
*/
function main_open(kind, secrets, clientId, text, place = []) {
	const prefix = prefixOf(kind);
	if (!text.startsWith(prefix)) return { problem: "not-sealed" };
	const [, number, body] = /^v(\d{1,6})\.([A-Za-z0-9_-]+)$/.exec(text.slice(prefix.length)) ?? [];
	if (number === void 0 || body === void 0) return { problem: "not-sealed" };
	if (`v${number}` !== version) return { problem: "newer-version" };
	const sodium = libsodium();
	const bytes = Buffer.from(body, "base64url");
	const split = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
	try {
		const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, bytes.subarray(split), joined$1(kind, version, clientId, ...place), bytes.subarray(0, split), keyFor(kind, secrets));
		return { value: JSON.parse(sodium.to_string(opened)) };
	} catch {
		return { problem: "does-not-open" };
	}
}
/**
* A short keyed hash (BLAKE2b) of a token: it shows whether two tokens are the same, but only to the owner of the client
* secret. Needs `sealingReady` first.
*/
function fingerprintOf(secrets, token) {
	const sodium = libsodium();
	const key = keyFor("fingerprint", secrets);
	return sodium.crypto_generichash(sodium.crypto_generichash_BYTES, token, key).subarray(0, 8);
}
// src/sharing/state.ts
init_json();
/** How long Box accepts an unused refresh token, in days: one that has been over for longer no longer matters. */
const rememberedDays = 60;
/** As many fingerprints as keep the variable's value under GitHub's limit of 48 KB. */
const mostFingerprints = 3e3;
const dayMs = 864e5;
/** Refresh tokens that were spent or superseded in the last 60 days, as fingerprints. */
var OverTokens = class OverTokens {
	static none = new OverTokens([]);
	#days;
	constructor(days) {
		this.#days = days;
	}
	/** Whether a token is among them. */
	has(fingerprint) {
		return this.#days.some(({ fingerprints }) => positionOf(fingerprint, fingerprints) >= 0);
	}
	/** Whether one of them starts with these bytes, as the name of a claim does. */
	hasStarting(start) {
		return this.#days.some(({ fingerprints }) => positionOf(start, fingerprints) >= 0);
	}
	/**
	* The same list with one more, without those that were added more than 60 days ago, and at most 3,000 in all. One that
	* it has already is added anew: as long as jobs are given that token, it must not be taken for a new one.
	*
	* @param now milliseconds since 1970 (UTC), by a server's clock
	*/
	with(fingerprint, now) {
		const today = Math.floor(now / dayMs);
		const days = this.#days.filter(({ day }) => day > today - rememberedDays - 1).map(({ day, fingerprints }) => ({
			day,
			fingerprints: without(fingerprints, fingerprint)
		})).filter(({ fingerprints }) => fingerprints.length > 0);
		const last = days.at(-1);
		if (last && last.day >= today) days[days.length - 1] = {
			day: last.day,
			fingerprints: joined(last.fingerprints, fingerprint)
		};
		else days.push({
			day: today,
			fingerprints: fingerprint
		});
		let surplus = days.reduce((sum, one) => sum + one.fingerprints.length, 0) - mostFingerprints * 8;
		while (surplus > 0) {
			const [oldest] = days;
			if (!oldest) break;
			const { day, fingerprints } = oldest;
			if (fingerprints.length <= surplus) days.shift();
			else days[0] = {
				day,
				fingerprints: fingerprints.subarray(surplus)
			};
			surplus -= fingerprints.length;
		}
		return new OverTokens(days);
	}
	/** How many there are. */
	get size() {
		return this.#days.reduce((sum, { fingerprints }) => sum + fingerprints.length / 8, 0);
	}
	toJSON() {
		return this.#days.map(({ day, fingerprints }) => [day, Buffer.from(fingerprints).toString("base64")]);
	}
	/** @returns `undefined` if the value is not such a list */
	static fromJSON(value) {
		if (!Array.isArray(value)) return void 0;
		const days = [];
		for (const entry of value) {
			if (!Array.isArray(entry)) return void 0;
			const [day, text] = entry;
			if (typeof day !== "number" || !Number.isSafeInteger(day) || typeof text !== "string") return void 0;
			const fingerprints = new Uint8Array(Buffer.from(text, "base64"));
			if (fingerprints.length % 8 !== 0) return void 0;
			days.push({
				day,
				fingerprints
			});
		}
		return new OverTokens(days);
	}
};
function positionOf(fingerprint, list) {
	for (let at = 0; at < list.length; at += 8) if (fingerprint.every((byte, index) => list[at + index] === byte)) return at;
	return -1;
}
function without(list, fingerprint) {
	const at = positionOf(fingerprint, list);
	return at < 0 ? list : joined(list.subarray(0, at), list.subarray(at + 8));
}
function joined(one, other) {
	const both = new Uint8Array(one.length + other.length);
	both.set(one);
	both.set(other, one.length);
	return both;
}
/** The place and name that a variable's value is bound to, so that it opens nowhere else. */
function bindingOf({ place, name }) {
	return [...place.identity, name.toUpperCase()];
}
/** Seals a state for its variable: one line, `box-token-state.v1.` and base64url. Needs `sealingReady` first. */
function sealState(sealing, state) {
	const { refreshToken, access, secretUpdatedAt, over } = state;
	const value = {
		refreshToken,
		access,
		secretUpdatedAt,
		over
	};
	return seal("state", sealing.secrets, sealing.clientId, value, bindingOf(sealing));
}
/** Opens the value of a state variable. Needs `sealingReady` first. */
function openState(sealing, text) {
	const opened = main_open("state", sealing.secrets, sealing.clientId, text.trim(), bindingOf(sealing));
	if ("problem" in opened) return { problem: opened.problem === "newer-version" ? "newer-version" : "does-not-open" };
	return stateIn(opened.value) ?? { problem: "does-not-open" };
}
function stateIn(value) {
	if (!isRecord(value)) return void 0;
	const { refreshToken, access: given, secretUpdatedAt, over: list } = value;
	const over = OverTokens.fromJSON(list);
	if (typeof refreshToken !== "string" || typeof secretUpdatedAt !== "number" || !over) return void 0;
	if (given === void 0) return {
		refreshToken,
		access: void 0,
		secretUpdatedAt,
		over
	};
	const access = accessIn(given);
	return access && {
		refreshToken,
		access,
		secretUpdatedAt,
		over
	};
}
/** Reads an access token as sealed texts keep it; `undefined` if the value is not one. */
function accessIn(value) {
	if (!isRecord(value)) return void 0;
	const { token, expiresAt, refreshedAt } = value;
	if (typeof token !== "string" || typeof expiresAt !== "number" || typeof refreshedAt !== "number") return;
	return {
		token,
		expiresAt,
		refreshedAt
	};
}
/** Whether a refresh token is the state's own, or is among the spent and superseded ones. */
function accountsFor({ secrets }, state, refreshToken) {
	return state.refreshToken === refreshToken || state.over.has(fingerprintOf(secrets, refreshToken));
}
// src/journal/step-state.ts
/** What the main step saves in its state for the post step. Imports nothing: most post steps need no more than this. */
/** Names in the step's state. `claim`: the claim that this step holds. `reported`: the main step has printed its annotation about the token. */
const stateNames = {
	journal: "journal",
	progress: "progress",
	reported: "reported",
	claim: "claim"
};
// src/journal/journal.ts
init_json();
/** The main step's side of the journal. */
var StepJournal = class {
	#options;
	#unsaved;
	/** The recovery text for what Box issued last. */
	#recovery;
	#handedOver;
	#hasProgress = false;
	#hasWarned = false;
	constructor(options) {
		this.#options = options;
	}
	/** The recovery text, if the state could not be written: then `post` can't print it. */
	get unsavedRecovery() {
		return this.#unsaved;
	}
	/** Rule 9: the recovery text that was printed because its token must not be stored. */
	get handedOver() {
		return this.#handedOver;
	}
	/** Box has answered. Returns only when everything is on disk. */
	issued(refreshToken, { conflictAfter }) {
		this.#write({
			refreshToken,
			baseline: conflictAfter,
			target: this.#options.target
		}, void 0);
	}
	issuedShared({ refreshToken, baseline, ...shared }) {
		this.#write({
			refreshToken,
			baseline,
			target: this.#options.target
		}, shared);
	}
	#write(recovery, shared) {
		const { secrets, target, retryFor, summary } = this.#options;
		const entry = {
			target,
			retryFor,
			summary,
			sealed: seal("journal", secrets, target.clientId, {
				...recovery,
				shared
			}),
			recovery: recoveryText(secrets, {
				...recovery,
				shared
			})
		};
		if (this.#hasProgress) this.#save(stateNames.progress, "");
		this.#hasProgress = false;
		this.#recovery = entry.recovery;
		if (!this.#save(stateNames.journal, JSON.stringify(entry))) this.#unsaved = entry.recovery;
	}
	claimed({ variable, token, epoch, nonce, leaseEndsAt, secretWrittenAt }) {
		const { target, retryFor } = this.#options;
		const claim = {
			variable,
			token,
			epoch,
			nonce,
			leaseEndsAt,
			secretWrittenAt
		};
		this.#save(stateNames.claim, JSON.stringify({
			target,
			retryFor,
			claim
		}));
	}
	unclaimed() {
		this.#save(stateNames.claim, "");
	}
	published() {
		this.#unsaved = void 0;
		this.#progress("published");
	}
	aboutToStore() {
		this.#progress("about-to-store");
	}
	settled() {
		this.#unsaved = void 0;
		this.#progress("settled");
	}
	superseded() {
		this.#handedOver = this.#recovery;
		if (this.#recovery !== void 0) this.#options.printRecovery(this.#recovery);
		this.settled();
	}
	/** The main step has printed its annotation about a token that is not stored. */
	reported() {
		if (this.#unsaved === void 0) this.#save(stateNames.reported, "true");
	}
	#progress(progress) {
		this.#hasProgress = true;
		this.#save(stateNames.progress, progress);
	}
	/** A state that can't be written must not stop the token from being stored as usual. */
	#save(name, value) {
		try {
			this.#options.save(name, value);
			return true;
		} catch {
			if (!this.#hasWarned) this.#options.narrator.warning("The state of this step could not be saved: if the step is killed now, its post step cannot store the token.");
			this.#hasWarned = true;
			return false;
		}
	}
};
/** Seals a recovery text: one line that only the app's owner can open. It outlives the step, so it holds no access token. */
function recoveryText(secrets, { shared, ...recovery }) {
	return seal("recovery", secrets, recovery.target.clientId, {
		...recovery,
		shared: shared && {
			...shared,
			access: void 0
		}
	});
}
// src/github/stores/environment.ts
/** Secrets of an environment (`/repos/{owner}/{repo}/environments/{environment_name}/secrets`). */
function environmentSecrets(owner, repo, environment) {
	return {
		name: `environment "${environment}" of ${owner}/${repo}`,
		read: "when-the-job-starts",
		permission: "repository permission \"Environments: Read and write\"",
		absent: `the environment "${environment}" does not exist in ${owner}/${repo}, or the token has no access to it`,
		probe: true,
		keyRoute: "/repos/{owner}/{repo}/environments/{environment_name}/secrets/public-key",
		secretRoute: "/repos/{owner}/{repo}/environments/{environment_name}/secrets/{secret_name}",
		parameters: {
			owner,
			repo,
			environment_name: environment
		}
	};
}
/** Actions variables of an environment (`/repos/{owner}/{repo}/environments/{environment_name}/variables`). */
function environmentVariables(owner, repo, environment) {
	return {
		name: `environment "${environment}" of ${owner}/${repo}`,
		identity: [
			"environment",
			`${owner}/${repo}`.toLowerCase(),
			environment.toLowerCase()
		],
		permission: "repository permission \"Environments: Read and write\"",
		listRoute: "/repos/{owner}/{repo}/environments/{environment_name}/variables",
		parameters: {
			owner,
			repo,
			environment_name: environment
		},
		settings: {}
	};
}
// src/github/stores/organization.ts
init_json();
/** The largest page of a list of repositories. */
const perPage$1 = 100;
/**
* Actions secrets of an organization (`/orgs/{org}/actions/secrets`). Each write sets the visibility, and drops all selected
* repositories unless it lists them, so both are read first and sent along.
*/
function organizationSecrets(org) {
	return {
		name: `organization ${org}`,
		read: "when-queued",
		permission: "organization permission \"Secrets: Read and write\"",
		absent: `the organization ${org} does not exist, or the token has no access to it`,
		probe: true,
		keyRoute: "/orgs/{org}/actions/secrets/public-key",
		secretRoute: "/orgs/{org}/actions/secrets/{secret_name}",
		parameters: { org },
		settings: async (client, secretName, fields, budget) => {
			const visibility = fields["visibility"];
			if (visibility === "all" || visibility === "private") return { body: { visibility } };
			if (visibility !== "selected") return { incomplete: "GitHub does not report its visibility" };
			const ids = /* @__PURE__ */ new Set();
			for (let page = 1;; page += 1) {
				const parameters = {
					org,
					secret_name: secretName,
					per_page: perPage$1,
					page
				};
				const answer = await client.request({
					route: "GET /orgs/{org}/actions/secrets/{secret_name}/repositories",
					parameters
				}, budget, (reply) => refusal(reply) ?? (reply.status === 200 ? pageIn$1(reply.data) : void 0));
				if ("refused" in answer) return answer;
				const before = ids.size;
				for (const id of answer.ids) ids.add(id);
				if (ids.size >= answer.total) return { body: {
					visibility,
					selected_repository_ids: [...ids]
				} };
				if (ids.size === before) return { incomplete: `this token sees only ${ids.size} of the ${answer.total} repositories that may use it` };
			}
		}
	};
}
function pageIn$1(data) {
	if (!isRecord(data) || typeof data["total_count"] !== "number" || !Array.isArray(data["repositories"])) return void 0;
	const ids = [];
	for (const repository of data["repositories"]) {
		const id = isRecord(repository) ? repository["id"] : void 0;
		if (typeof id !== "number" && typeof id !== "bigint") return void 0;
		ids.push(id);
	}
	return {
		ids,
		total: data["total_count"]
	};
}
/**
* Actions variables of an organization (`/orgs/{org}/actions/variables`). They are only read through the API, so no workflow
* needs them in its `vars`: a new one is visible to private repositories, as GitHub suggests.
*/
function organizationVariables(org) {
	return {
		name: `organization ${org}`,
		identity: ["organization", org.toLowerCase()],
		permission: "organization permission \"Variables: Read and write\"",
		listRoute: "/orgs/{org}/actions/variables",
		parameters: { org },
		settings: { visibility: "private" }
	};
}
// src/github/stores/repository.ts
/** Actions secrets of a repository (`/repos/{owner}/{repo}/actions/secrets`). */
function repositorySecrets(owner, repo) {
	return {
		name: `repository ${owner}/${repo}`,
		read: "when-queued",
		permission: "repository permission \"Secrets: Read and write\"",
		absent: `the repository ${owner}/${repo} does not exist, or the token has no access to it`,
		probe: true,
		keyRoute: "/repos/{owner}/{repo}/actions/secrets/public-key",
		secretRoute: "/repos/{owner}/{repo}/actions/secrets/{secret_name}",
		parameters: {
			owner,
			repo
		}
	};
}
/** Actions variables of a repository (`/repos/{owner}/{repo}/actions/variables`). */
function repositoryVariables(owner, repo) {
	return {
		name: `repository ${owner}/${repo}`,
		identity: ["repository", `${owner}/${repo}`.toLowerCase()],
		permission: "repository permission \"Variables: Read and write\"",
		listRoute: "/repos/{owner}/{repo}/actions/variables",
		parameters: {
			owner,
			repo
		},
		settings: {}
	};
}
// src/github/variable-store.ts
init_json();
/** The largest page of a list of variables (GitHub REST API, "List repository variables"). */
const perPage = 30;
/** GitHub allows 500 variables in a repository and 1,000 in an organization: a longer list is a fault. */
const mostPages = 50;
/** How often a list that keeps changing is read. The last reading will do: GitHub refuses a claim that exists anyway. */
const mostReadings = 5;
/** The variables of one place. */
var VariableStore = class {
	place;
	#client;
	constructor(client, place) {
		this.#client = client;
		this.place = place;
	}
	#one(method, name, data) {
		const { listRoute, parameters } = this.place;
		return {
			route: `${method} ${listRoute}/{name}`,
			parameters: {
				...parameters,
				name,
				...data ? { data } : {}
			}
		};
	}
	/**
	* Reads a variable (`GET \u2026/variables/{name}`). A place that is not there, or that the token does not reach, looks like
	* a variable that is not there.
	*
	* @throws GitHubUnavailable
	*/
	async read(name, budget) {
		return this.#client.request(this.#one("GET", name), budget, (reply) => {
			const { status, moment, askedAt } = reply;
			if (status === 404) return {
				value: void 0,
				updatedAt: void 0,
				moment,
				askedAt
			};
			return refusal(reply) ?? readingIn(reply);
		});
	}
	/**
	* Reads all variables whose names begin with `prefix` (`GET \u2026/variables`, page by page). If one is deleted between two
	* pages, the ones after it move up, and one of them would be on neither page; then the list is read again.
	*
	* @param prefix in upper or lower case: GitHub ignores the case of names
	* @throws GitHubUnavailable
	*/
	async list(prefix, budget) {
		const found = /* @__PURE__ */ new Map();
		const wanted = prefix.toUpperCase();
		let seen = 0;
		let total;
		for (let page = 1, readings = 1;; page += 1) {
			const { listRoute, parameters } = this.place;
			const answer = await this.#client.request({
				route: `GET ${listRoute}`,
				parameters: {
					...parameters,
					per_page: perPage,
					page
				}
			}, budget, (reply) => refusal(reply) ?? pageIn(reply));
			if ("refused" in answer) return answer;
			total ??= answer.total;
			if (answer.total !== total && readings < mostReadings) {
				found.clear();
				readings += 1;
				page = 0;
				seen = 0;
				total = void 0;
				continue;
			}
			seen += answer.variables.length;
			for (const variable of answer.variables) if (variable.name.toUpperCase().startsWith(wanted)) found.set(variable.name.toUpperCase(), variable);
			if (seen >= answer.total || answer.variables.length === 0 || page === mostPages) return {
				variables: [...found.values()],
				moment: answer.moment
			};
		}
	}
	/** Creates a variable, once (`POST \u2026/variables`): 201 if it is new, 409 if it exists already. */
	async create(name, value, limit) {
		const { listRoute, parameters, settings } = this.place;
		return this.#client.try({
			route: `POST ${listRoute}`,
			parameters: {
				...parameters,
				...settings,
				name,
				value
			}
		}, limit);
	}
	/** Changes a variable, once (`PATCH \u2026/variables/{name}`): 204 if that is done. */
	async update(name, value, limit) {
		return this.#client.try(this.#one("PATCH", name, { value }), limit);
	}
	/** Deletes a variable, once (`DELETE \u2026/variables/{name}`): 204, or 404 if it is gone already. */
	async remove(name, limit) {
		return this.#client.try(this.#one("DELETE", name), limit);
	}
};
function readingIn({ status, data, moment, askedAt }) {
	if (status !== 200 || !isRecord(data) || typeof data["value"] !== "string") return void 0;
	return {
		value: data["value"],
		updatedAt: dateIn$1(data["updated_at"]),
		moment,
		askedAt
	};
}
function dateIn$1(text) {
	const date = typeof text === "string" ? Date.parse(text) : NaN;
	return Number.isNaN(date) ? void 0 : date;
}
function pageIn({ status, data, moment }) {
	if (status !== 200 || !isRecord(data)) return void 0;
	const { total_count: total, variables: given } = data;
	if (typeof total !== "number" || !Array.isArray(given)) return void 0;
	const variables = [];
	for (const one of given) {
		if (!isRecord(one) || typeof one["name"] !== "string" || typeof one["value"] !== "string") return void 0;
		const [createdAt, updatedAt] = [dateIn$1(one["created_at"]), dateIn$1(one["updated_at"])];
		variables.push({
			name: one["name"],
			value: one["value"],
			createdAt,
			updatedAt
		});
	}
	return {
		variables,
		total,
		moment
	};
}
// src/github/target.ts
/** The secret that holds the refresh token. */
function secretOf(client, target) {
	return new Secret(client, placeOf(target), target.secretName);
}
/** The variables in the same place as that secret. */
function variablesOf(client, target) {
	const { owner, repo, environment, organization } = target;
	if (organization !== void 0) return new VariableStore(client, organizationVariables(organization));
	return new VariableStore(client, environment === void 0 ? repositoryVariables(owner, repo) : environmentVariables(owner, repo, environment));
}
function placeOf({ owner, repo, environment, organization }) {
	if (organization !== void 0) return organizationSecrets(organization);
	return environment === void 0 ? repositorySecrets(owner, repo) : environmentSecrets(owner, repo, environment);
}
// src/github/stores/dependabot.ts
/**
* Dependabot secrets of a repository (`/repos/{owner}/{repo}/dependabot/secrets`), which Dependabot's runs get instead of
* Actions secrets.
*/
function dependabotSecrets(owner, repo) {
	return {
		name: `Dependabot in ${owner}/${repo}`,
		read: "when-queued",
		permission: "repository permission \"Dependabot secrets: Read and write\"",
		absent: `the repository ${owner}/${repo} does not exist, or the token has no access to its Dependabot secrets`,
		probe: false,
		keyRoute: "/repos/{owner}/{repo}/dependabot/secrets/public-key",
		secretRoute: "/repos/{owner}/{repo}/dependabot/secrets/{secret_name}",
		parameters: {
			owner,
			repo
		}
	};
}
// src/github/workflow-run.ts
init_json();
/**
* Reads when the run was queued (`GET /repos/{owner}/{repo}/actions/runs/{run_id}`, permission "Actions: read").
*
* @returns `created_at` in milliseconds since 1970 (UTC), or `undefined` if the token may not read the run or GitHub does
*   not answer: the date helps to recognize a stale secret, but nothing depends on it alone
*/
async function readRunCreatedAt(client, run, budget) {
	const parameters = {
		owner: run.owner,
		repo: run.repo,
		run_id: run.runId
	};
	try {
		const createdAt = await client.request({
			route: "GET /repos/{owner}/{repo}/actions/runs/{run_id}",
			parameters
		}, budget, ({ status, data }) => {
			if (status >= 400) return NaN;
			return status === 200 && isRecord(data) && typeof data["created_at"] === "string" ? Date.parse(data["created_at"]) : void 0;
		});
		return Number.isNaN(createdAt) ? void 0 : createdAt;
	} catch (error) {
		if (error instanceof GitHubUnavailable) return void 0;
		throw error;
	}
}
// src/action/exported-variable.ts
/** Which environment variable may hold the access token: `export-variable`. */
/**
* Variables that change what a shell, a runtime, a common tool or the runner does. On Windows, names are not case-sensitive.
* No tool looks for a Box token under these names, as rclone does under RCLONE_BOX_ACCESS_TOKEN.
*/
const dangerousVariables = [
	/^(?:PATH|PATHEXT|PWD|OLDPWD|HOME|HOMEDRIVE|HOMEPATH|USER|USERNAME|LOGNAME|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA|SHELL|COMSPEC|ENV|IFS|CDPATH|FPATH|MANPATH|INFOPATH|PS[0-9]|TMP|TEMP|TMPDIR|CI|SYSTEMROOT|WINDIR|CLASSPATH)$/,
	/^(?:LANG|LANGUAGE|LC_.*|LOCPATH|NLSPATH|TZ|TZDIR|TERM|TERMINFO.*|TERMCAP|DISPLAY|WAYLAND_DISPLAY|EDITOR|VISUAL|PAGER|LESS|LESSOPEN|LESSCLOSE|BROWSER|MAKE|MAKEFLAGS|MAKEFILES|GNUMAKEFLAGS|SSLKEYLOGFILE|PSMODULEPATH|POSIXLY_CORRECT)$/,
	/^(?:BASH|PROMPT_COMMAND|SHELLOPTS|ZDOTDIR|GLIBC|GCONV|MALLOC|HOSTALIASES|LOCALDOMAIN|RES_|NSS_|KRB5|SUDO_|POWERSHELL|WSL)/,
	/^(?:PYTHON|PERL|RUBY|LUA|PHP|TCL|GHC|OCAML|GO(?:BIN|CACHE|DEBUG|PROXY|PATH|ROOT|ENV|FLAGS|TOOLCHAIN|SUMDB|PRIVATE|NOSUMDB|NOSUMCHECK|INSECURE|VCS|AUTH))/,
	/^(?:LD|DYLD|GITHUB|RUNNER|ACTIONS|AGENT|INPUT|STATE|NODE|NPM|YARN|PNPM|COREPACK|BUN|DENO|NVM|VOLTA|FNM|ELECTRON|PLAYWRIGHT|PUPPETEER|CHROME|GIT|GH|SSH|GPG|HG|SVN|GEM|BUNDLE|RBENV|PIP|PIPX|PIPENV|POETRY|PYENV|UV|CONDA|MAMBA|VIRTUAL|R|JULIA|JAVA|_JAVA|JDK|JVM|MAVEN|MVN|GRADLE|SBT|KOTLIN|ANDROID|TS_NODE|DOTNET|NUGET|MSBUILD|CORECLR|COR|COMPLUS|CARGO|RUSTUP|RUSTC|CC|CXX|CMAKE|PKG|CCACHE|SCCACHE|BAZEL|ERL|ELIXIR|MIX|HEX|STACK|CABAL|SWIFT|XCODE|ASDF|MISE|HOMEBREW|SNAP|CHOCOLATEY)_/,
	/^(?:_?JAVA_(?:TOOL_)?OPTIONS|JDK_JAVA_OPTIONS|RUSTFLAGS|RUSTDOCFLAGS|[CF]FLAGS|CC|CPP|CXX|LD|AR|AS|CPPFLAGS|CXXFLAGS|LDFLAGS|LDLIBS|CPATH|C_INCLUDE_PATH|LIBRARY_PATH)$/,
	/^(?:SSL|CURL|WGET|OPENSSL|GNUTLS|REQUESTS|DOCKER|BUILDKIT|COMPOSE|CONTAINERS|PODMAN|BUILDAH|REGISTRY|XDG|DBUS|APT|DEBIAN|DPKG|RPM|AWS|AMAZON|AZURE|ARM|GOOGLE|GCLOUD|GCE|CLOUDSDK|BOTO|KUBE|HELM|ANSIBLE|VAULT|CONSUL|NOMAD|PACKER|VAGRANT|TERRAFORM|TERRAGRUNT|TOFU|PULUMI|SERVERLESS|SENTRY|MYSQL|ODBC|OTEL|QT|GTK|GIO|RSYNC)_/,
	/^TF_(?!VAR_)/,
	/^PG(?:HOST|HOSTADDR|PORT|USER|PASS|SERVICE|SYSCONFDIR|SSL|REQUIRE|GSS|KRB)/,
	/^(?:GREP|TAR|XZ|ZSTD|GZIP|BZIP2?|ZIP|UNZIP|LS)(?:_(?:OPT|COLORS?|DEFAULTS|LEVEL))?$/,
	/^(?:ZIPOPT|UNZIPOPT|VIMINIT|EXINIT|FCEDIT)$/,
	/^(?:HTTPS?|ALL|NO|FTP|RSYNC|SOCKS)_PROXY$/,
	/(?:^|_)(?:CONFIG|CONF|CFG|CONFIG_?(?:FILE|PATH|DIR|HOME)|HOME|HOMEDIR|OPTIONS?|OPTS?|FLAGS|ARGS|PATH|DIR|ROOT|PREFIX|FILE|RC|PRELOAD|STARTUP|COMMAND|CMD|EXEC|EDITOR|PAGER|BROWSER|SHELL|ASKPASS|HOST|HOSTS|PROXY|ENDPOINT|URL|URI|SERVER|REGISTRY|MIRROR|DEBUG|PLUGINS?|RUN_AS_NODE)$/,
	/(?:CONFIG|OPTS|FLAGS|HOME|\w\wRC)$/
];
/** The name of an environment variable that is safe to set for later steps; `undefined` for any other text. */
function parseVariableName(value) {
	const upper = value.toUpperCase();
	if (!/^[A-Z_][A-Z0-9_]*$/.test(upper) || dangerousVariables.some((pattern) => pattern.test(upper))) return void 0;
	return value;
}
// src/action/inputs.ts
/** The inputs that nobody may see. They are masked before anything else happens. */
const secretInputs = [
	"client-secret",
	"refresh-token",
	"github-token",
	"state-key"
];
/** The inputs without which the action can do nothing. */
const credentialInputs = [
	"client-id",
	"client-secret",
	"refresh-token",
	"github-token"
];
/** Defaults of empty inputs, the same as in action.yml. */
const inputDefaults = {
	repository: "${{ github.repository }}",
	"secret-name": "BOX_REFRESH_TOKEN",
	"minimum-validity": "5",
	"auto-refresh": "true",
	verify: "false",
	"retry-for": "120",
	summary: "true",
	"box-api-url": "https://api.box.com",
	"github-api-url": "${{ github.api_url }}"
};
const acceptedSecretName = "letters, digits and underscores, not starting with a digit or with GITHUB_";
/**
* Reads and checks every input.
*
* @param read gives the text of an input, trimmed; `''` when it is not given
* @param environment the runner's variables, for defaults that are expressions in action.yml
* @param trigger what started the run, if that is why it gets no secrets
* @throws Failure `bad-input` with all problems at once, or `missing-secret`
*/
function loadInputs(read, environment, trigger) {
	const problems = [];
	const text = (name) => read(name) || void 0;
	/** Parses an input or its default; `undefined` from `parse` is a problem. */
	const checked = (name, value, accepted, parse) => {
		const parsed = parse(value);
		if (parsed === void 0) problems.push({
			input: name,
			accepted
		});
		return parsed;
	};
	const boolean = (name) => checked(name, text(name) ?? inputDefaults[name], "`true` or `false`", parseBoolean);
	const url = (name, value) => checked(name, value, "an https:// address (http:// on loopback only) without user name, query or fragment", parseApiUrl);
	const optional = (name, accepted, parse) => {
		const value = text(name);
		return value === void 0 ? void 0 : checked(name, value, accepted, parse);
	};
	const apart = (...names) => {
		const [one, other] = names;
		if (text(one) !== void 0 && text(other) !== void 0) problems.push({
			input: one,
			accepted: `empty if "${other}" is given, and vice versa`
		});
	};
	const narrowing = () => {
		const scope = optional("scope", "one or more Box scopes, separated by spaces", parseScope);
		const resource = optional("resource", "the address of one file or folder, such as https://api.box.com/2.0/folders/123", parseResource);
		const sharedLink = optional("shared-link", "the https:// address of a shared link", parseSharedLink);
		for (const name of ["resource", "shared-link"]) if (text(name) !== void 0 && text("scope") === void 0) problems.push({
			input: name,
			accepted: "used together with \"scope\""
		});
		return scope === void 0 ? void 0 : {
			scope,
			resource,
			sharedLink
		};
	};
	const inputs = {
		clientId: read("client-id"),
		clientSecret: read("client-secret"),
		refreshToken: read("refresh-token"),
		githubToken: read("github-token"),
		repository: checked("repository", text("repository") ?? environment["GITHUB_REPOSITORY"] ?? "", "owner/name of a repository", parseRepository),
		environment: optional("environment", "an environment's name: at most 255 characters, no control characters", parseEnvironmentName),
		organization: optional("organization", "the name of an organization", parseOwner),
		secretName: checked("secret-name", text("secret-name") ?? inputDefaults["secret-name"], acceptedSecretName, parseSecretName),
		accessTokenSecretName: optional("access-token-secret-name", acceptedSecretName, parseSecretName),
		alsoWriteTo: optional("also-write-to", "`dependabot`", (value) => value === "dependabot" ? value : void 0),
		narrowing: narrowing(),
		exportVariable: optional("export-variable", "letters, digits and underscores, not starting with a digit, and not a name that changes how later steps run (PATH, NODE_OPTIONS, LD_*, GITHUB_*, RUNNER_* and the like)", parseVariableName),
		stateVariable: optional("state-variable", `${acceptedSecretName}, at most 200 characters`, parseStateVariable),
		minimumValidity: checked("minimum-validity", text("minimum-validity") ?? inputDefaults["minimum-validity"], "a whole number of minutes from 0 to 1440", (value) => parseWholeNumber(value, 0, 1440)),
		autoRefresh: boolean("auto-refresh"),
		stateKey: optional("state-key", "32 characters or more, without line breaks", (value) => /^\P{Cc}{32,}$/u.test(value) ? value : void 0),
		verify: boolean("verify"),
		retryFor: checked("retry-for", text("retry-for") ?? inputDefaults["retry-for"], "a whole number of seconds from 1 to 3600", (value) => parseWholeNumber(value, 1, 3600)),
		summary: boolean("summary"),
		boxApiUrl: url("box-api-url", text("box-api-url") ?? inputDefaults["box-api-url"]),
		githubApiUrl: url("github-api-url", text("github-api-url") ?? environment["GITHUB_API_URL"] ?? "https://api.github.com")
	};
	apart("environment", "organization");
	apart("also-write-to", "environment");
	apart("also-write-to", "organization");
	apart("resource", "shared-link");
	apart("access-token-secret-name", "scope");
	const neverRefreshes = parseBoolean(text("auto-refresh") ?? inputDefaults["auto-refresh"]) === false;
	const required = credentialInputs.filter((name) => name !== "refresh-token" || !neverRefreshes);
	if (neverRefreshes && text("state-variable") === void 0) problems.push({
		input: "auto-refresh",
		accepted: "`true` unless \"state-variable\" is given"
	});
	const mainName = text("secret-name") ?? inputDefaults["secret-name"];
	if (text("access-token-secret-name")?.toUpperCase() === mainName.toUpperCase()) problems.push({
		input: "access-token-secret-name",
		accepted: "a different name from \"secret-name\""
	});
	for (const name of credentialInputs) {
		const value = read(name);
		if (value !== "" && !/^[\x21-\x7e]+$/.test(value)) problems.push({
			input: name,
			accepted: "visible ASCII characters without spaces or line breaks"
		});
	}
	if (problems.length > 0) throw badInput(problems);
	const missing = required.filter((name) => read(name) === "");
	if (missing.length > 0) throw missingSecret(missing, trigger);
	return inputs;
}
function badInput(problems) {
	return new Failure("bad-input", {
		what: problems.map(({ input, accepted }) => `Input "${input}" must be ${accepted}.`).join(" "),
		spent: nothingSpent,
		next: "Fix the `with:` block of this step."
	});
}
function missingSecret(missing, trigger) {
	const names = missing.map((name) => `"${name}"`).join(", ");
	const empty = missing.length === 1 ? `Input ${names} is empty` : `Inputs ${names} are empty`;
	const reason = trigger && {
		fork: {
			why: ", because this run comes from a fork, and GitHub gives such runs no secrets",
			next: "Skip this step for forks, for example with `if: github.event.pull_request.head.repo.full_name == github.repository`."
		},
		dependabot: {
			why: ", because Dependabot started this run, which gets only Dependabot secrets",
			next: "Define the secrets for Dependabot, too (`also-write-to: dependabot` in all runs keeps that refresh token up to date), or skip this step with `if: github.actor != 'dependabot[bot]'`."
		}
	}[trigger];
	return new Failure("missing-secret", {
		what: `${empty}${reason?.why ?? ""}.`,
		spent: nothingSpent,
		next: reason?.next ?? "Make sure that the secrets in the `with:` block exist where this job can read them: in the repository, the organization, or the environment that the job names."
	});
}
// src/rotation/messages.ts
/**
* What the servers' answers mean to the person who reads the log: each failure of a rotation, in three sentences.
* This file has the words; the decisions are made in rotate.ts and its neighbors.
*/
/** GitHub refused before any token was used. What helps depends on why, and on who reads it. */
var RefusedByGitHub = class extends Failure {
	answer;
	constructor(text, answer) {
		super("cannot-write-secret", text);
		this.answer = answer;
	}
};
/** What the failures of a piece of work are about. */
function subjectOf(work) {
	const { secret, retryFor, narrator, seal } = work;
	return {
		secret,
		retryFor,
		foreign: (text) => narrator.foreign(text),
		stateVariable: seal?.name
	};
}
/** A command of `box-token`, in backticks, with the flag that it needs if jobs share the token. */
function command(words, { stateVariable } = {}) {
	return `\`box-token ${words}${stateVariable === void 0 ? "" : ` --state-variable ${stateVariable}`}\``;
}
function signInAgain(subject) {
	return `sign in to Box again with ${command("login", subject)} (see "Quick start" in this action's README)`;
}
const newRun = "Start a new run (\"Run workflow\", not \"Re-run jobs\")";
const afterOutage = `${newRun} later. For outages, see https://status.box.com.`;
const checkTheWay = "Check `box-api-url` and any proxy or firewall between the runner and Box, then start a new run.";
const setNewPassword = "Sign in to https://app.box.com as that user, set a new password, then start a new run.";
/** The kinds of token that can write secrets. */
const writingTokens = "a fine-grained personal access token or a GitHub App token";
const certificateRemedy = "If that is a proxy or server of your own, set NODE_EXTRA_CA_CERTS for this step to the certificate file of its CA. Don't turn certificate checks off.";
/** An answer from Box got lost, perhaps with a new pair in it. */
const perhapsSpent = `Box may have invalidated the stored refresh token. If the next run fails with \`reauthorize\`, ${signInAgain()}.`;
function spentSoFar$1(answerLost) {
	return answerLost ? perhapsSpent : nothingSpent;
}
/** A server's own words in brackets, or nothing. */
function quoted(subject, words) {
	const clean = subject.foreign(words);
	return clean === "" ? "" : ` ("${clean}")`;
}
/** What a server asks for, if that is more time than is left. */
function longerThanAllowed({ retryFor }, waitMs) {
	return `it asks for a wait of ${Math.ceil(waitMs / 1e3)} s, but there are only ${retryFor} s for all tries`;
}
/** A faulty answer from GitHub in words, without a full stop. */
function describeGitHub(subject, last) {
	if (last instanceof TransportError) return last.message;
	const { status, requestId } = last;
	const id = requestId === "" ? "" : `, request ${subject.foreign(requestId)}`;
	const kind = status < 300 ? ", which is unexpected here" : isRedirect(status) ? ", a redirect, which is not followed" : "";
	const barrier = barrierInWords(last.barrier);
	const because = barrier === void 0 ? "" : `: ${barrier}`;
	return `it answered ${status}${kind}${quoted(subject, last.message)}${id}${presentName(subject, last.movedTo)}${because}`;
}
/** Where a redirect leads, in words. */
function presentName(subject, movedTo) {
	return movedTo === void 0 ? "" : `: the repository is now called ${subject.foreign(movedTo)}`;
}
/** The action's own token, as the remedies for a refusal call it. */
function askerOfAction(permission) {
	return {
		token: "`github-token`",
		wanted: `${writingTokens} for this place with ${permission}`,
		machine: "the runner",
		again: "start a new run"
	};
}
/** GitHub gave no usable answer before the refresh. */
function githubUnavailable(subject, { last, waitMs }) {
	const described = describeGitHub(subject, last);
	const unavailable = (what, next) => new Failure("github-unavailable", {
		what,
		spent: nothingSpent,
		next
	});
	if (last instanceof TransportError && last.fault === "certificate") return unavailable(`There is no connection to GitHub (\`github-api-url\`): ${described}.`, certificateRemedy);
	if (!(last instanceof TransportError) && isRedirect(last.status)) {
		const { movedTo } = last;
		return unavailable(`GitHub gave no usable answer: ${described}.`, movedTo === void 0 ? "If the repository was renamed, update `repository`; check `github-api-url`, too. Then start a new run." : `Set \`repository: ${subject.foreign(movedTo)}\`, then start a new run.`);
	}
	if (waitMs !== void 0 && waitMs > subject.retryFor * 1e3) return unavailable(`GitHub gave no usable answer: ${described}; ${longerThanAllowed(subject, waitMs)}.`, `${newRun} after that time, or raise \`retry-for\`.`);
	return unavailable(`GitHub gave no usable answer within ${subject.retryFor} s; last try: ${described}.`, `${newRun} later. For outages, see https://www.githubstatus.com.`);
}
/** GitHub sent a public key that nothing can be encrypted with. */
function unusableKey({ secret }) {
	return new Failure("github-unavailable", {
		what: `GitHub sent an unusable public key for the ${secret.title}.`,
		spent: nothingSpent,
		next: "Check `github-api-url` and any proxy or firewall between the runner and GitHub, then start a new run."
	});
}
/** GitHub refused a read, or the write probe, before the refresh. */
function cannotWriteSecret(subject, act, answer) {
	const { place, title } = subject.secret;
	const { refused: status, message } = answer;
	const what = `GitHub answered ${status} to a request to ${act} the ${title}${quoted(subject, message)}`;
	const kinds = writingTokens;
	const refused = (reason, next) => new RefusedByGitHub({
		what: `${what}: ${reason}.`,
		spent: nothingSpent,
		next
	}, answer);
	const remedy = remedyFor(answer, askerOfAction(place.permission));
	if (remedy) return refused(remedy.reason, remedy.next);
	if (status === 401) return refused("the token is not valid or has expired", `Create a new one, ${kinds} with ${place.permission}, and store it in the secret that \`github-token\` comes from.`);
	if (status === 404 && act !== "write") return refused(place.absent, `Check the names in the \`with:\` block, and \`github-api-url\`. \`github-token\` must be ${kinds} for this place with ${place.permission}.`);
	return refused("the token is not allowed to do that", `Set \`github-token\` to ${kinds} for this place with ${place.permission}. GITHUB_TOKEN can't write secrets, whatever its permissions.${besidesPermission(answer)}`);
}
/** A write would reset settings that are not fully known. `problem` is without a full stop. */
function settingsUnknown(secret, problem) {
	return new Failure("cannot-write-secret", {
		what: `The ${secret.title} can't be written without changing who can use it: ${problem}.`,
		spent: nothingSpent,
		next: `Give \`github-token\` access to all repositories of the organization, with ${secret.place.permission}, or make the secret available to all repositories or to all private ones.`
	});
}
/** What a copy holds, in words. */
function contentOf$1({ holds }) {
	return holds === "refresh-token" ? "refresh token" : "access token";
}
/** A copy could not be written; the chain is safe. `problem` is without a full stop. */
function copyNotWritten(subject, copy, problem, barrier) {
	const { permission } = copy.secret.place;
	return new Failure("secret-not-written", {
		what: `The new ${contentOf$1(copy)} could not be stored in the ${copy.secret.title}: ${problem}.`,
		spent: `The pair is refreshed, and the new refresh token is stored in the ${subject.secret.title}. Nothing is lost, but the ${copy.secret.title} still holds an old token.`,
		next: remedyFor({ barrier }, askerOfAction(permission))?.next ?? `Start a new run: the next refresh updates it. If this happens again, make sure that \`github-token\` has ${permission}.`
	});
}
/** The lease of a job that shares its token ended before a copy was written: a warning. */
function noTimeForCopy(copy) {
	return `This job's claim expired before the ${contentOf$1(copy)} was stored in the ${copy.secret.title}. That secret stays as it is until the next refresh updates it.`;
}
/** The write token expires soon. */
function tokenExpires(expiresAt, days) {
	return `\`github-token\` expires on ${isoSeconds(expiresAt)}, in ${days} ${days === 1 ? "day" : "days"}. Create a new one and store it in the secret that \`github-token\` comes from: after that date, no run can store a token.`;
}
/** The place exists, but the secret doesn't. */
function noSuchSecret({ secret }) {
	return new Failure("bad-input", {
		what: `The ${secret.title} does not exist.`,
		spent: "Nothing was used or written.",
		next: "Fix `secret-name`, `repository`, `environment` or `organization`: they must name the same secret that `refresh-token` comes from."
	});
}
/**
* The new refresh token could not be stored on GitHub.
*
* @param problem without a full stop
* @param mayBeStored an answer to a write got lost, so the token may be stored after all
*/
function secretNotWritten(subject, problem, mayBeStored) {
	const { title } = subject.secret;
	return new Failure("secret-not-written", {
		what: mayBeStored ? `Box issued a new pair, but GitHub did not confirm within ${subject.retryFor} s that the refresh token is stored in the ${title}: ${problem}.` : `Box issued a new pair, but the refresh token could not be stored in the ${title} within ${subject.retryFor} s: ${problem}.`,
		spent: mayBeStored ? "The old refresh token has been used, and the new one may or may not be stored. Nothing is handed out." : "The old refresh token has been used, and the new one is not stored. Nothing is handed out.",
		next: `Read the log of this action's post step: it tries again, and if it can't store the token either, it prints a recovery text. If it did neither, start a new run ("Run workflow", not "Re-run jobs") once GitHub accepts writes again: Box may still accept the old refresh token, since the new access token was never used. If that run fails with \`reauthorize\`, ${signInAgain(subject)}.`
	});
}
/** The reason for `secretNotWritten` if GitHub refused the check before the write. */
function refusedLook(subject, at, { refused, message, barrier }) {
	const why = barrierInWords(barrier);
	return `it answered ${refused} to a request for ${at}${quoted(subject, message)}${why === void 0 ? "" : `: ${why}`}`;
}
function staleSecret({ stateVariable }, what, spent) {
	return new Failure("stale-secret", {
		what,
		spent,
		next: stateVariable ? `${newRun}.` : `${newRun}. To keep runs from overlapping, use a \`concurrency\` group, or let them share one token through \`state-variable\`.`
	});
}
/** The dates show it, before Box was asked. */
function queuedBeforeRotation(subject, updatedAt, queuedAt) {
	return staleSecret(subject, `This run holds an older refresh token: it was queued at ${isoSeconds(queuedAt)}, and the ${subject.secret.title} was written at ${isoSeconds(updatedAt)}.`, nothingSpent);
}
/** Rule 9: a token that Box has issued but that must not be stored is never thrown away. */
function handedOver(subject) {
	return `The refresh token that Box issued to this run is in the recovery text above, encrypted. If the next run fails with \`reauthorize\`, store it with ${command("recover --force", subject)}.`;
}
/** The secret was written while this run was refreshing. `writeLost`: GitHub's answer to this run's own write got lost. */
function overtaken(subject, updatedAt, writeLost) {
	const { title } = subject.secret;
	const when = isoSeconds(updatedAt);
	return writeLost ? staleSecret(subject, `The ${title} was written at ${when}, by this run or by another one: GitHub's answer to this run got lost, so there is no telling which.`, `The new refresh token is stored, or superseded by a newer one. To be safe, no access token is handed out. ${handedOver(subject)}`) : staleSecret(subject, `Somebody else wrote the ${title} at ${when}, while this run was refreshing.`, `This run has used its refresh token, and overwrites nothing: the stored token stays. Nothing is handed out. ${handedOver(subject)}`);
}
/** Box rejects the refresh token, and the stored one is newer than the one this run holds. */
function rotatedElsewhere(subject, answer, updatedAt) {
	return staleSecret(subject, `${inBoxWords(subject, answer)}, and the ${subject.secret.title} was written at ${isoSeconds(updatedAt)}, since this run was queued or started: another run has probably rotated the token.`, "This run wrote nothing: the newer token stays.");
}
/** The token comes from Dependabot's copy of the secret, which is older than the secret. */
function copyBehind(subject, answer) {
	return new Failure("stale-secret", {
		what: `${inBoxWords(subject, answer)}. Dependabot started this run, so it got Dependabot's copy of the token, which is older than the ${subject.secret.title}, or can't be checked.`,
		spent: "This run wrote nothing: the newer token stays.",
		next: "Start a new run yourself (\"Run workflow\"), with `also-write-to: dependabot`: it updates the copy. Set that input in all workflows that refresh the token."
	});
}
function inBoxWords(subject, { error, description }) {
	return `Box answered "${subject.foreign(error)}"${quoted(subject, description)}`;
}
/** A faulty answer from Box in words, without a full stop. */
function describeBox(subject, answer) {
	switch (answer.kind) {
		case "no-answer": return answer.error.message;
		case "rate-limited": return "it answered 429 (too many requests)";
		case "unusable": return `it answered ${answer.status}${answer.status >= 300 && answer.status < 400 ? ", a redirect, which is not followed" : ""}`;
		case "no-pair":
		case "refresh-token-only": return `its answer (200) is not a token pair: ${answer.problem}`;
		case "no-token": return `its answer (200) has no usable token: ${answer.problem}`;
		case "refused": return `it answered "${subject.foreign(answer.error)}"${quoted(subject, answer.description)}`;
		case "pair":
		case "narrow": return "it answered with tokens";
	}
}
/** Box gave no pair, and asking again won't help, or the time is up. */
function noPair(subject, answer, answerLost, timeIsUp) {
	const spent = spentSoFar$1(answerLost);
	const described = describeBox(subject, answer);
	const waitMs = "waitMs" in answer ? answer.waitMs : void 0;
	const asked = waitMs === void 0 || timeIsUp ? "" : `; ${longerThanAllowed(subject, waitMs)}`;
	if (answer.kind === "rate-limited") return new Failure("rate-limited", {
		what: timeIsUp ? `Box gave no pair within ${subject.retryFor} s: ${described}.` : `Box gave no pair: ${described}${asked}.`,
		spent,
		next: `${newRun} later, or raise \`retry-for\`.`
	});
	if (answer.kind === "no-pair") return new Failure("bad-response", {
		what: `Box gave no usable answer: ${described}.`,
		spent,
		next: checkTheWay
	});
	if (answer.kind === "no-answer" && answer.error.fault === "certificate") return new Failure("box-unavailable", {
		what: `There is no connection to Box (\`box-api-url\`): ${described}.`,
		spent,
		next: certificateRemedy
	});
	const passes = timeIsUp || waitMs !== void 0;
	return new Failure("box-unavailable", {
		what: timeIsUp ? `Box gave no usable answer within ${subject.retryFor} s; last try: ${described}.` : `Box gave no usable answer: ${described}${asked}.`,
		spent,
		next: passes ? afterOutage : checkTheWay
	});
}
/** The answer had a refresh token, which is now stored, but no usable access token. */
function storedWithoutAccess({ secret, storedIn = secret.title }, problem) {
	return new Failure("bad-response", {
		what: `Box's answer is not a token pair: ${problem}.`,
		spent: `The old refresh token has been used, and the new one from that answer is stored in the ${storedIn}. Nothing is lost, but no access token is handed out.`,
		next: "Start a new run. If this happens again, check `box-api-url` and any proxy or firewall between the runner and Box."
	});
}
/** Box rejects the refresh token, and no other run appears to have rotated it. */
function reauthorize(subject, answer, answerLost, runUnreadable) {
	if (isOfInactiveUser(answer)) return inactiveUser(subject, answer, answerLost);
	const unread = runUnreadable ? " (Whether this run was queued before the last rotation is unknown: `github-token` needs \"Actions: Read\" to tell.)" : "";
	return new Failure("reauthorize", {
		what: `${inBoxWords(subject, answer)}: the refresh token is expired, used or revoked, and no other run appears to have rotated it.${unread}`,
		spent: answerLost ? "An earlier answer from Box got lost, and may have used the token: a new pair in it is out of reach. Nothing was written." : "This run did not invalidate it, and wrote nothing.",
		next: `Run ${command("login", subject)} (see "Quick start" in this action's README). It signs in to Box and stores a new refresh token in the ${subject.secret.title}.`
	});
}
/** Words for an account that is switched off: Box doesn't document how it says that a user can't sign in. */
const inactiveWords = /\b(?:user|account)\b[^.]*\b(?:inactive|not active|deactivated|disabled|suspended|locked|deleted)\b|\b(?:inactive|deactivated|disabled|suspended|locked|deleted)\s+(?:user|account)\b/i;
/** Whether Box's words suggest that it rejects the grant because of the user: it would reject a new sign-in, too. */
function isOfInactiveUser({ description }) {
	return inactiveWords.test(description);
}
/** What helps a user whom Box doesn't let in. */
const activateUser = "Ask an admin of your Box enterprise to reactivate the user (Admin Console, Users & Groups)";
/** The token may be valid; the user is not active. */
function inactiveUser(subject, answer, answerLost) {
	return new Failure("reauthorize", {
		what: `${inBoxWords(subject, answer)}: it seems that the Box user is not active, so signing in again would fail, too.`,
		spent: answerLost ? perhapsSpent : "This run used and wrote nothing: the stored refresh token may work again once the user is active.",
		next: `${activateUser}, then start a new run. To switch to another user, ${signInAgain(subject)}.`
	});
}
/** Any other OAuth error. */
function boxRefused(subject, answer, answerLost) {
	const words = inBoxWords(subject, answer);
	const spent = spentSoFar$1(answerLost);
	switch (answer.error) {
		case "invalid_client": return new Failure("bad-client", {
			what: `${words}: it rejects the client ID and client secret.`,
			spent,
			next: "Copy both again from the app's Configuration page in the Box Developer Console into the secrets that `client-id` and `client-secret` come from."
		});
		case "unauthorized_client": return new Failure("unauthorized-app", {
			what: `${words}: this app is not allowed to refresh tokens.`,
			spent,
			next: "In the Box Developer Console, check that the app uses \"User Authentication (OAuth 2.0)\" and is enabled. If your enterprise approves apps, ask an admin to authorize this one."
		});
		case "password_reset_required": return new Failure("password-reset-required", {
			what: `${words}: the Box user must set a new password.`,
			spent: answerLost ? perhapsSpent : "Nothing was used or written: the stored refresh token works again once the password is set.",
			next: setNewPassword
		});
		default: return new Failure("box-unavailable", {
			what: `${words}.`,
			spent,
			next: "Check `box-api-url` and the app in the Box Developer Console, then start a new run."
		});
	}
}
/** What all failures after the store have in common. */
function safelyStored({ secret, storedIn = secret.title, reused = false }) {
	if (reused) return "This run used no refresh token and wrote nothing. No access token is handed out.";
	return `The pair was refreshed, and the new refresh token is stored in the ${storedIn}. Nothing is lost, but no access token is handed out.`;
}
/** Code and remedy for a token exchange that Box refuses. */
function refusedExchange(error) {
	switch (error) {
		case "unauthorized_client": return ["unauthorized-app", "In the Box Developer Console, allow the app to downscope tokens, then start a new run."];
		case "invalid_client": return ["bad-client", "Compare client ID and client secret with the app's Configuration page in the Box Developer Console, then start a new run."];
		case "password_reset_required": return ["password-reset-required", setNewPassword];
		default: return ["bad-input", "Fix `scope`, `resource` or `shared-link`, then start a new run."];
	}
}
/** The pair is stored, but Box did not narrow the access token. */
function notNarrowed(subject, answer, timeIsUp) {
	const what = `Box did not narrow the access token (\`scope\`): ${describeBox(subject, answer)}.`;
	const failure = (code, next) => new Failure(code, {
		what,
		spent: safelyStored(subject),
		next
	});
	switch (answer.kind) {
		case "refused":
			if (answer.error === "invalid_grant") return new RejectedToken("bad-response", {
				what,
				spent: safelyStored(subject),
				next: "Start a new run: Box rejects the access token that was to be narrowed."
			});
			return passingOAuthErrors.has(answer.error) ? failure("box-unavailable", afterOutage) : failure(...refusedExchange(answer.error));
		case "rate-limited": return failure("rate-limited", `${newRun} later, or raise \`retry-for\`.`);
		case "no-token":
		case "narrow": return failure("bad-response", checkTheWay);
		case "no-answer":
		case "unusable": return failure("box-unavailable", timeIsUp ? afterOutage : checkTheWay);
	}
}
/** The pair is stored, but Box did not say in time who it belongs to. `problem` is without a full stop. */
function notVerified(subject, problem) {
	return new Failure("box-unavailable", {
		what: `Box did not say within ${subject.retryFor} s who the token belongs to (\`verify\`); last try: ${problem}.`,
		spent: safelyStored(subject),
		next: afterOutage
	});
}
/** Box rejects an access token that should be valid. `problem` is without a full stop. */
function rejectedToken(subject, problem) {
	const { reused = false } = subject;
	return new RejectedToken("bad-response", {
		what: reused ? `Box rejects the shared access token (\`verify\`): ${problem}.` : `Box issued a new pair, but rejects its access token (\`verify\`): ${problem}.`,
		spent: safelyStored(subject),
		next: "Start a new run. If this happens again, check in the Box Admin Console that the user is active and the app is enabled."
	});
}
// src/http/retry.ts
/** The most milliseconds that a single request may take, however long `retry-for` is. */
const longestRequestMs = 3e4;
const firstPauseMs = 500;
const longestPauseMs$1 = 15e3;
/**
* The time that one phase of a run (before the refresh, the refresh, the store) may spend on retries. A request that was
* sent in time may finish later: cutting off an answer from Box could lose a token.
*/
var RetryBudget = class {
	#environment;
	#endsAt;
	#fence;
	#ended = new AbortController();
	#timeoutMs;
	#pauses = 0;
	/**
	* @param retryForSeconds the `retry-for` input, in seconds, from now on
	* @param fence when everything must be over, whatever `retry-for` says, by the monotonic clock (milliseconds); no
	*   request waits beyond it
	*/
	constructor(environment, retryForSeconds, fence = Infinity) {
		this.#environment = environment;
		this.#fence = fence;
		this.#endsAt = Math.min(fence, environment.clock.monotonic() + retryForSeconds * 1e3);
		this.#timeoutMs = Math.min(longestRequestMs, retryForSeconds * 1e3 / 3);
	}
	/** Milliseconds that one request may take: a third of the budget, so that one that hangs leaves time for others. */
	get timeoutMs() {
		return Math.max(0, Math.min(this.#timeoutMs, this.#fence - this.#environment.clock.monotonic()));
	}
	/** Whether the fence is reached: nothing that has an effect may be sent from then on. */
	isFenced() {
		return this.#environment.clock.monotonic() >= this.#fence;
	}
	/** Whether the fence leaves a request less time than usual, so that its answer could be cut off. */
	get isShort() {
		return this.timeoutMs < this.#timeoutMs;
	}
	/** Aborted by `end`, together with all requests under this budget. */
	get signal() {
		return this.#ended.signal;
	}
	/** Whether no time is left. */
	get isUsedUp() {
		return this.#environment.clock.monotonic() >= this.#endsAt;
	}
	/** Ends the phase: aborts its requests, and stops retries. */
	end() {
		this.#ended.abort();
	}
	/**
	* Waits before the next try: twice as long each time, with jitter, and never less than the server asked for.
	*
	* @param askedMs how long the server asked to wait, in milliseconds
	* @param insist whether to try once more at the end of the budget even if the server asks for a longer wait, because a
	*   token is at stake
	* @returns `false`, at once, if the budget is used up or (without `insist`) the server asks for more time than is left;
	*   also at the fence, when a request would have no time for an answer
	*/
	async pause(askedMs, insist = false) {
		const left = this.#endsAt - this.#environment.clock.monotonic();
		if (this.signal.aborted || left <= 0 || !insist && askedMs !== void 0 && askedMs > left) return false;
		const backoff = Math.min(longestPauseMs$1, firstPauseMs * 2 ** this.#pauses);
		this.#pauses += 1;
		const jittered = backoff * (.5 + this.#environment.random() / 2);
		await this.#environment.clock.sleep(Math.min(left, Math.max(askedMs ?? 0, jittered)), this.signal);
		if (this.isFenced()) return false;
		return !this.signal.aborted;
	}
};
// src/rotation/narrow.ts
/** `scope`: hands out a narrowed token instead of the full one. Rule 2: the exchange comes after the store. */
/**
* Exchanges the full access token for a narrowed one.
*
* @returns the narrowed token, masked
* @throws Failure, which says that the pair is stored
*/
async function narrow(exchange, accessToken, to) {
	const { environment, narrator, retryFor, box, subject } = exchange;
	const budget = new RetryBudget(environment, retryFor);
	for (;;) {
		const answer = await box.exchange(accessToken, to, budget);
		for (const token of answer.tokens) narrator.mask(token);
		if (answer.kind === "narrow") {
			narrator.info("Box: exchanged the access token for a narrowed one, which is handed out instead.");
			return answer.token;
		}
		if (!mayPass$1(answer) || !await budget.pause("waitMs" in answer ? answer.waitMs : void 0)) throw notNarrowed(subject, answer, budget.isUsedUp);
		narrator.info(`Box: ${describeBox(subject, answer)}; asking again for a narrowed token.`);
	}
}
function mayPass$1(answer) {
	if (answer.kind === "no-answer") return answer.error.fault !== "certificate";
	if (answer.kind === "refused") return passingOAuthErrors.has(answer.error);
	return answer.kind === "rate-limited" || answer.kind === "unusable" && (answer.status < 400 || answer.status >= 500);
}
// src/http/node-settings.ts
/**
* Settings of Node.js that an earlier step, an image or a shell may have left in the environment, and that would reveal what
* is sent. Node.js itself reads both: one whenever it makes a connection, the other before any of our code runs.
*/
/** Sections of `NODE_DEBUG` that print requests, answers or bytes of them, `stream` in a form that masks don't cover. */
const tellingSections = [
	"http",
	"https",
	"http2",
	"net",
	"tls",
	"stream"
];
/**
* Whether `NODE_DEBUG` makes Node.js print what is sent. Parses it as Node.js does: sections between commas, `*` for
* anything, upper and lower case alike, no spaces.
*
* @param environment the process's own
*/
function printsTraffic(environment) {
	return (environment["NODE_DEBUG"] ?? "").split(",").some((section) => {
		const escaped = section.replace(/[|\\{}()[\]^$+?.]/g, String.raw`\$&`).replaceAll("*", ".*");
		const pattern = new RegExp(`^${escaped}$`, "i");
		return tellingSections.some((name) => pattern.test(name));
	});
}
/** What to say about it. `next` is without a full stop. */
const trafficIsPrinted = {
	what: "NODE_DEBUG makes Node.js print everything that is sent, including tokens.",
	next: `Remove ${tellingSections.join(", ")} (and patterns that match them) from NODE_DEBUG`
};
/**
* Keeps certificate checks on, whatever `NODE_TLS_REJECT_UNAUTHORIZED` says: otherwise anybody on the way could take the
* credentials. Node.js reads it for every connection, even to a proxy, so it is removed.
*
* @param environment the process's own
* @returns a warning, in whole sentences; `undefined` if it was not set to 0
*/
function keepCertificatesChecked(environment) {
	const isOff = environment["NODE_TLS_REJECT_UNAUTHORIZED"] === "0";
	delete environment["NODE_TLS_REJECT_UNAUTHORIZED"];
	return isOff ? "NODE_TLS_REJECT_UNAUTHORIZED=0 is ignored: certificates are always checked. To trust a CA of your own, set NODE_EXTRA_CA_CERTS to its certificate file." : void 0;
}
// src/action/outputs.ts
const recoveryRemedy = "Pass the recovery text above to `box-token recover` on standard input (see \"Recovery\" in this action's README). Then start a new run at once: it makes the text worthless.";
/** Everything a run prints or writes goes through here, where every secret known by then is removed from it. */
var Report = class {
	#runner;
	#redactor = new Redactor();
	#masked = /* @__PURE__ */ new Set();
	constructor(runner) {
		this.#runner = runner;
	}
	mask(secret) {
		if (secret === "" || this.#masked.has(secret)) return;
		this.#masked.add(secret);
		this.#redactor.add(secret);
		this.#runner.setSecret(secret);
	}
	info(line) {
		this.#runner.info(this.#printable(line));
	}
	waiting(line) {
		this.info(line);
	}
	warning(line) {
		this.#runner.warning(this.#printable(line), { title: "Box token" });
	}
	foreign(text) {
		return this.#redactor.foreign(text);
	}
	#printable(text) {
		return withoutCommands(this.#redactor.redact(text));
	}
	/** Sets the outputs of a run that worked, and logs how long the tokens are valid. */
	handOut(result) {
		const { owner } = result;
		const outputs = {
			"access-token": result.accessToken,
			"expires-at": isoSeconds(result.expiresAt),
			"expires-in": String(result.expiresIn),
			refreshed: String(result.refreshed),
			"refresh-token-expires-at": isoSeconds(result.refreshTokenExpiresAt)
		};
		if (owner) this.info(`Box: the token belongs to ${this.#ownerName(owner)}.`);
		for (const [name, value] of Object.entries(outputs)) this.#runner.setOutput(name, value);
		const { exportVariable } = result;
		if (exportVariable !== void 0) this.#runner.exportVariable(exportVariable, result.accessToken);
		const as = `output "access-token"${exportVariable === void 0 ? "" : ` and environment variable ${exportVariable}`}`;
		this.info(`Handed out the access token, masked, as ${as}. It is valid until ${until(result)}.`);
		this.info(`The ${result.refreshed ? "stored" : "shared"} refresh token works once, until ${isoSeconds(result.refreshTokenExpiresAt)}. If no run refreshes the pair before then, somebody has to sign in to Box again.`);
	}
	/** Prints the one annotation of a failed run and sets `error-code`. */
	fail(failure) {
		this.#runner.error(this.#printable(failure.message), { title: `Box token (${failure.code})` });
		try {
			this.#runner.setOutput("error-code", failure.code);
		} catch {}
	}
	/** A bug in this action. The stack trace helps whoever fixes it; secrets are removed from it, too. */
	failUnexpectedly(error, spent) {
		const message = error instanceof Error ? error.message : "an unknown value was thrown";
		this.#runner.error(`This is a bug in the action: ${this.#redactor.foreign(message)}. ${spent} Please report it, with the log above.`, { title: "Box token (unexpected error)" });
		const frames = error instanceof Error ? (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
		for (const frame of frames) this.info(this.#redactor.foreign(frame));
	}
	/** Prints a recovery text unredacted: redaction would make it useless, and it is sealed. */
	recovery(text) {
		this.info("Recovery text (encrypted: only the owner of the client secret can decrypt it):");
		this.#runner.info(text);
	}
	/**
	* Says what to do now that the post step could not store the token either.
	*
	* @param reported whether the main step has already printed its annotation: a failure has only one
	*/
	postFailed(problem, recovery, reported) {
		if (recovery !== void 0) this.recovery(recovery);
		const next = recovery === void 0 ? "Start a new run. If it fails with `reauthorize`, sign in to Box again with `box-token login`." : recoveryRemedy;
		const message = this.#printable(`${problem} ${next}`);
		if (reported) this.#runner.info(message);
		else this.#runner.error(message, { title: "Box token (secret-not-written)" });
	}
	/** Writes the recovery text into the summary. */
	async summarizeRecovery(problem, recovery) {
		await this.#write("Box token: the new refresh token is not stored", [
			["What happened", problem],
			["Recovery text", recovery],
			["What to do next", recoveryRemedy]
		]);
	}
	/** Writes the summary of a run that worked. */
	async summarize(result) {
		const rows = [
			["Refresh token", result.refreshed ? `rotated and stored in the ${result.storedIn.join(" and the ")}` : `not used: jobs share the ${result.storedIn.join(" and the ")}`],
			["Access token valid until", until(result)],
			["Refresh token valid until", `${isoSeconds(result.refreshTokenExpiresAt)}, for one refresh`]
		];
		if (result.narrowedTo) {
			const { scope, resource, sharedLink } = result.narrowedTo;
			rows.push(["Access token narrowed to", [
				scope,
				resource,
				sharedLink
			].filter(Boolean).join(", ")]);
		}
		if (result.owner) rows.push(["Belongs to", this.#ownerName(result.owner)]);
		await this.#write(result.refreshed ? "Box token refreshed" : "Box token shared", rows);
	}
	/**
	* Writes the summary of a run that failed.
	*
	* @param recovery the token that Box issued to the run but that must not be stored, sealed for its owner
	*/
	async summarizeFailure(failure, recovery) {
		await this.#write(`Box token: ${failure.code}`, [
			["What happened", failure.what],
			["What it means for the token", failure.spent],
			...recovery === void 0 ? [] : [["Recovery text", recovery]],
			["What to do next", failure.next]
		]);
	}
	async #write(heading, rows) {
		const { summary } = this.#runner;
		summary.addHeading(this.#html(heading), 3);
		summary.addTable(rows.map(([name = "", value = ""]) => [{
			data: this.#html(name),
			header: true
		}, value.startsWith("box-token-recovery.") ? `<code>${value}</code>` : this.#html(value)]));
		try {
			await summary.write();
		} catch {
			this.warning("The job summary could not be written.");
		}
	}
	#ownerName({ name, login, id }) {
		return `${this.foreign(name)} (${this.foreign(login)}, user ${this.foreign(id)})`;
	}
	#html(text) {
		return this.#redactor.redact(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replace(/`([^`]*)`/g, "<code>$1</code>");
	}
};
function until({ expiresAt, expiresIn }) {
	const minutes = Math.floor(expiresIn / 60);
	return `${isoSeconds(expiresAt)} (${minutes} min)`;
}
// src/sharing/messages.ts
/** Every failure (in three sentences) and warning about a shared token. The decisions are made in the other files. */
/** The state variable in words. */
function titleOf({ variables, seal }) {
	return `variable ${seal.name} of ${variables.place.name}`;
}
/** GitHub refuses to let the token read or write the state or its claims. */
function cannotUseVariable(subject, act, answer) {
	const { refused, message } = answer;
	const { permission } = subject.variables.place;
	const words = subject.narrator.foreign(message);
	const tried = {
		read: `read the ${titleOf(subject)}`,
		list: `list the claims next to the ${titleOf(subject)}`,
		write: `write variables next to the ${titleOf(subject)}`
	}[act];
	const asker = askerOfAction(act === "write" ? permission : `${permission} (with \`auto-refresh: false\`, "Read-only" is enough)`);
	const remedy = remedyFor(answer, asker);
	const reason = {
		401: "the token is not valid or has expired",
		403: "the token is not allowed to do that",
		404: "the place does not exist, or the token has no access to it"
	}[refused];
	return new RefusedByGitHub({
		what: `GitHub answered ${refused} when asked to ${tried} (\`state-variable\`)${words === "" ? "" : ` ("${words}")`}: ${remedy?.reason ?? reason}.`,
		spent: nothingSpent,
		next: remedy?.next ?? `Set ${asker.token} to ${asker.wanted}. GITHUB_TOKEN cannot write variables, whatever its permissions.${besidesPermission(answer)}`
	}, answer);
}
/** The state was written by a newer version of this action. */
function newerState(subject) {
	return new Failure("bad-input", {
		what: `The shared state in the ${titleOf(subject)} was written by a newer version of this action, or somebody marked it that way.`,
		spent: nothingSpent,
		next: `Use the same version of the action in all workflows that share this variable. ${withoutNewer(subject.seal.name)}`
	});
}
/** The way out if a state is marked as newer although no newer version wrote it: the mark itself is not sealed. */
function withoutNewer(name) {
	return `If none of them is newer, delete the variable ${name} and start a new run: it uses the refresh token in the secret. If that run fails with \`reauthorize\`, run \`box-token login --state-variable ${name}\`.`;
}
/** Which refresh token is used next. */
function refreshingWith(source, hasState) {
	if (source === "state") return "Refreshing the token in the shared state.";
	return hasState ? "The shared state does not know the refresh token given to this job: refreshing with that one." : "There is no shared state to go by yet: refreshing with the refresh token given to this job.";
}
/** A warning: the state does not open. */
function putAside(subject) {
	return `The shared state in the ${titleOf(subject)} cannot be decrypted with this client secret (and \`state-key\`), or is damaged. It is ignored: a job that refreshes uses the refresh token in the secret. If another app uses this variable, give each app its own \`state-variable\`.`;
}
/** A variable that is not a claim has the name that a claim needs. `what` names the remedy too: `post` prints only that. */
function blockedClaim(subject) {
	return new Failure("github-unavailable", {
		what: `The right to refresh the shared token cannot be claimed: next to the ${titleOf(subject)}, there is a variable that has the name of a claim but is not one. The variables whose names begin with ${subject.seal.name.toUpperCase()}_CLAIM_ must be deleted.`,
		spent: nothingSpent,
		next: "Delete them, then start a new run."
	});
}
/**
* With `auto-refresh: false`, there is nothing to hand out.
*
* @param reason without a full stop
* @param isUnreadable there is a state, which does not open
*/
function refreshDisabled(subject, reason, isUnreadable) {
	return new Failure("refresh-disabled", {
		what: `There is no usable shared access token in the ${titleOf(subject)}: ${reason}. With \`auto-refresh: false\`, this job does not refresh it.`,
		spent: nothingSpent,
		next: isUnreadable ? "Give this job and the workflow that refreshes the token the same `client-secret` and `state-key`. If one of them has changed, run that workflow first: it writes the variable anew." : "Run the workflow that refreshes the token (one with this `state-variable` and without `auto-refresh: false`), then run this job again."
	});
}
/** Why a state is of no use with `auto-refresh: false`; without a full stop. */
function notGood(expiresAt, minimumValidity) {
	return `it expires at ${isoSeconds(expiresAt)}, but \`minimum-validity\` requires ${minimumValidity} min`;
}
/** The new pair could not be published. `problem` has no full stop. */
function notPublished(subject, retryFor, problem) {
	return new Failure("secret-not-written", {
		what: `GitHub did not let this job publish the new pair in the ${titleOf(subject)} within ${retryFor} s: ${problem}.`,
		spent: "The old refresh token has been used (invalidated) and, as far as this job can tell, the new one is not stored. No access token is handed out.",
		next: `Check the log of the post step of this action: it tries once more, and prints a recovery text if it cannot store the token either. If it did neither, start a new run once GitHub is available again: Box may still accept the old refresh token. If that run fails with \`reauthorize\`, sign in to Box again with \`box-token login --state-variable ${subject.seal.name}\`.`
	});
}
/** For a job that got only a refresh token, published it, and then failed: what that means for the token. */
function publishedSoFar(subject) {
	return `This job refreshed the token and published the new refresh token in the ${titleOf(subject)}: nothing is lost.`;
}
/** For a job that failed after another one published a newer pair: what that means for the token. */
function supersededSoFar(subject) {
	return `This job refreshed the token, but the ${titleOf(subject)} already holds a newer pair: nothing is lost.`;
}
/** The pair is published, but the secret could not be brought up to date. `problem` has no full stop. */
function copyBehindState(subject, secretTitle, problem) {
	return new Failure("secret-not-written", {
		what: `GitHub did not let this job store the new refresh token in the ${secretTitle}: ${problem}.`,
		spent: `The new pair is published in the ${titleOf(subject)}, where other jobs find it: nothing is lost.`,
		next: "Start a new run: it uses the shared state, and the next refresh updates the secret. If this happens again, check the permissions of `github-token`."
	});
}
/** This job began to write the secret, which has changed since: GitHub's answer got lost, or somebody else wrote it. */
function writtenSince(secretTitle) {
	return `The ${secretTitle} has since been written: it holds the new refresh token, or a newer one.`;
}
/** A warning: the secret holds something that the state does not account for. */
function secretLeftAlone(secretTitle, updatedAt) {
	return `The ${secretTitle} was written at ${isoSeconds(updatedAt)}, by somebody else as far as the shared state shows, so it is left unchanged. The new refresh token is in the shared state, which jobs use unless the secret holds a token from a new sign-in.`;
}
/** A warning: time ran out (usually the claim's lease) before the secret was written. `problem` has no full stop. */
function leaseOverBeforeStore(secretTitle, problem) {
	return `Time ran out before the ${secretTitle} was written${problem === void 0 ? "" : ` (last try: ${problem})`}, so it is left unchanged. The new refresh token is in the shared state, where jobs find it, and the next refresh updates the secret.`;
}
/** A warning: the token that is handed out has less time left than `minimum-validity` requires. */
function shorterThanAsked(expiresAt, minimumValidity) {
	return `The access token is valid only until ${isoSeconds(expiresAt)}, less than the ${minimumValidity} min that \`minimum-validity\` requires. It was issued after this job started, and Box issues none that are valid for longer. Use a smaller \`minimum-validity\`, so that jobs do not invalidate each other's token.`;
}
// src/rotation/patience.ts
/** How old GitHub's answer to a GET may be, in milliseconds. */
const stalenessMs = 3e4;
const shortestPauseMs = 1e3;
const longestPauseMs = 3e3;
/** The pauses between reads of something that may be newer than what GitHub shows. */
var Patience = class {
	#environment;
	#endsAt;
	#pauseMs = shortestPauseMs;
	/**
	* @param mostSeconds the `retry-for` input, or the longest time to wait, from now on: patience ends with it
	* @param leastMs how old a read may be, in milliseconds; more if something else is waited for as well
	*/
	constructor(environment, mostSeconds, leastMs = stalenessMs) {
		this.#environment = environment;
		this.#endsAt = environment.clock.monotonic() + Math.min(leastMs, mostSeconds * 1e3);
	}
	/**
	* Waits before the next read: at least a second, or until the end if that is sooner.
	*
	* @returns `false`, at once, if the last read was late enough to show everything that was there at the start
	*/
	async pause() {
		const { clock, random } = this.#environment;
		const left = this.#endsAt - clock.monotonic();
		if (left <= 0) return false;
		await clock.sleep(Math.min(left, this.#pauseMs * (1 + random())));
		this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 1.25);
		return true;
	}
};
// src/rotation/prove.ts
/** Seconds to wait for the run's date at most: it only helps to name a failure. */
const longestRunReadSeconds = 15;
/** Somebody has to replace the write token by hand, so the warning comes early. */
const tokenExpiryWarningDays = 14;
/** How long reading the run may take. */
function runBudget({ environment, retryFor }) {
	return new RetryBudget(environment, Math.min(retryFor, longestRunReadSeconds));
}
/**
* Until when a write of the secret is no conflict. This is not the `updated_at` from before the refresh: Rule 8, that may
* be an old read, and then the write of the previous run, whose token this run holds, would look like somebody else's.
*
* - If the run's own date counts, it is certain: what was written before it is what this run was given.
* - Otherwise it is GitHub's date of the read before the refresh: what was written before that was there then.
*
* Dates are whole seconds. Within the same second, Box's answer decides in this run's favor: a token that Box has just
* accepted was the live one, under most readings of its rules.
*/
function conflictAfter(proof, { updatedAt, moment, runCreatedAt }) {
	const queuedAt = dateOfToken({
		...proof,
		runCreatedAt
	});
	return queuedAt === void 0 || updatedAt >= queuedAt ? Math.max(updatedAt, moment.date) : queuedAt;
}
/**
* When this run was given its token: when it was queued, if that is known and counts. It doesn't for a re-run, which may or
* may not hold the newer value, nor for an environment secret, which is read later.
*/
function dateOfToken({ secret, run, runCreatedAt }) {
	return secret.place.read === "when-queued" && run?.attempt === 1 ? runCreatedAt : void 0;
}
/** Whether the dates show that a run was queued before the secret was last written. */
function isStale(proof, { updatedAt, runCreatedAt }) {
	const queuedAt = dateOfToken({
		...proof,
		runCreatedAt
	});
	return queuedAt !== void 0 && updatedAt >= queuedAt;
}
/**
* Has GitHub show that the write will work, and when the secret was last written, before Box is asked for anything.
*
* @param signal aborts it, when it is no longer needed
*/
async function prove(proof, signal) {
	const { secret, narrator, environment, retryFor, run } = proof;
	const budget = new RetryBudget(environment, retryFor);
	const runTime = runBudget(proof);
	const giveUp = () => {
		budget.end();
		runTime.end();
	};
	signal?.addEventListener("abort", giveUp, { once: true });
	const subject = subjectOf(proof);
	const allowed = (act, answer, of = secret) => {
		if ("refused" in answer) throw cannotWriteSecret({
			...subject,
			secret: of
		}, act, answer);
		return answer;
	};
	const settled = (of, answer) => {
		if ("incomplete" in answer) throw settingsUnknown(of, answer.incomplete);
		return answer.body;
	};
	/** A copy in the same place keeps its own settings. One that doesn't exist yet gets those of the secret. */
	const settingsOfCopies = async (settings) => {
		const known = /* @__PURE__ */ new Map();
		for (const copy of proof.copies) {
			if (copy.secret.place !== secret.place || !secret.place.settings) continue;
			const answer = await copy.secret.metadata(budget);
			const own = "refused" in answer ? void 0 : await whileMissing(proof, probing, () => copy.secret.settings(answer, budget));
			known.set(copy.secret.name, own ? settled(copy.secret, allowed("look up", own, copy.secret)) : settings);
		}
		return known;
	};
	const probing = secret.place.probe ? secret.probeWrite(budget) : Promise.resolve(void 0);
	probing.catch(() => {});
	try {
		const [key, described, probe, runCreatedAt] = await Promise.all([
			whileMissing(proof, probing, () => secret.publicKey(budget)).then((answer) => allowed("get the public key for", answer)),
			whileMissing(proof, probing, () => secret.metadata(budget)).then(async (answer) => {
				if ("refused" in answer && answer.refused === 404) return void 0;
				const metadata = allowed("look up", answer);
				const own = await whileMissing(proof, probing, () => secret.settings(metadata, budget));
				const settings = settled(secret, allowed("look up", own));
				return {
					metadata,
					settings,
					copySettings: await settingsOfCopies(settings)
				};
			}),
			probing,
			run?.createdAt(runTime),
			proof.sealingReady()
		]);
		const denied = probe?.answer === "no" ? probe : void 0;
		if (denied && denied.status !== 404) throw cannotWriteSecret(subject, "write", denied);
		if (!described) throw noSuchSecret(subject);
		const { metadata, settings, copySettings } = described;
		if (denied) throw cannotWriteSecret(subject, "write", denied);
		if (!canSeal(key)) throw unusableKey(subject);
		const { updatedAt, moment } = probe !== void 0 && probe.status < 300 ? allowed("look up", await secret.metadata(budget)) : metadata;
		const certain = probe?.answer === "yes" ? "this token can write it" : "it is not certain that this token can write it";
		narrator.info(`GitHub: the secret exists, last written ${isoSeconds(updatedAt)}; ${certain}. No token has been used so far.`);
		const found = {
			key,
			settings,
			copySettings,
			updatedAt,
			moment: moment ?? runnersClock(proof),
			runCreatedAt
		};
		const baseline = {
			...found,
			conflictAfter: conflictAfter(proof, found)
		};
		warnOfTokenExpiry(proof, baseline, metadata.tokenExpiresAt);
		return baseline;
	} catch (error) {
		if (error instanceof GitHubUnavailable) throw githubUnavailable(subject, error);
		throw error;
	} finally {
		giveUp();
		signal?.removeEventListener("abort", giveUp);
	}
}
/**
* Rule 8: reads something that GitHub says is missing, again and again until that can no longer be an old read. The write
* probe shows the present: if GitHub refuses that as well, there is nothing to wait for.
*/
async function whileMissing({ narrator, environment, retryFor }, probing, look) {
	const patience = new Patience(environment, retryFor);
	for (let looks = 1;; looks += 1) {
		const answer = await look();
		if (!("refused" in answer) || answer.refused !== 404) return answer;
		if ((await probing)?.answer === "no" || !await patience.pause()) return answer;
		if (looks === 1) narrator.waiting("GitHub answered 404, which may be out of date: checking again for a while.");
	}
}
/** Warns in good time before the write token expires. */
function warnOfTokenExpiry({ narrator, environment }, { moment }, expiresAt) {
	if (expiresAt === void 0) return;
	const days = (expiresAt - serverNow(moment, environment.clock)) / 864e5;
	if (days <= tokenExpiryWarningDays) narrator.warning(tokenExpires(expiresAt, Math.max(0, Math.floor(days))));
}
/** Only if GitHub sends no `Date`, although HTTP asks every server for it. */
function runnersClock({ narrator, environment }) {
	narrator.warning("GitHub sent no date: times come from the runner's own clock, which may be wrong.");
	return {
		date: environment.clock.wall(),
		at: environment.clock.monotonic()
	};
}
// src/rotation/store.ts
/** Rule 4: stores the new refresh token, and only over the one that it replaced. */
/**
* Writes the new refresh token, and only over the one that it replaced.
*
* @param budget the time that is left, if it does not start now
* @returns the current key, for what else goes to the same place
* @throws Failure `stale-secret` if the secret has changed, `secret-not-written` if it could not be written
*/
async function store(storing, baseline, refreshToken, budget = budgetOf(storing)) {
	const subject = subjectOf(storing);
	const outcome = await tryToStore(storing, baseline, refreshToken, budget);
	switch (outcome.kind) {
		case "stored": return outcome.key;
		case "moved": throw overtaken(subject, outcome.updatedAt, outcome.writeLost);
		case "not-stored": throw secretNotWritten(subject, outcome.problem, outcome.writeLost);
	}
}
function budgetOf({ environment, retryFor, fence }) {
	return new RetryBudget(environment, retryFor, fence);
}
/**
* The same, but returns the outcome instead of throwing it. Only running out of time ends the attempts: without a shared
* state, the token is nowhere else.
*
* @param firstLook the check before the first write, if it is already under way
*/
async function tryToStore(storing, baseline, refreshToken, budget = budgetOf(storing), firstLook) {
	const { secret, narrator } = storing;
	const subject = subjectOf(storing);
	let writeLost = storing.mayBeWritten ?? false;
	let key = baseline.key;
	let problem;
	for (;;) {
		let obstacle;
		if (!key) {
			const read = await freshKey(storing, secret, budget);
			if ("problem" in read) obstacle = read;
			else key = read;
		}
		const look = await (problem === void 0 && firstLook ? firstLook : check(storing, baseline, budget));
		if ("movedAt" in look) return {
			kind: "moved",
			updatedAt: look.movedAt,
			writeLost
		};
		if ("problem" in look) obstacle = look;
		if (budget.isFenced()) obstacle ??= { problem: problem ?? "no time was left" };
		else if (!obstacle && key && "settings" in look) {
			storing.aboutToWrite();
			const outcome = await secret.write(sealFor(key, refreshToken), key.keyId, look.settings, budget);
			const status = outcome.last instanceof TransportError ? void 0 : outcome.last.status;
			if (status === 201 || status === 204) {
				narrator.info("GitHub: nobody else has written the secret, and the new refresh token is stored in it, encrypted.");
				const writtenAt = outcome.kind === "answer" ? outcome.last.moment?.date : void 0;
				return {
					kind: "stored",
					key,
					writtenAt
				};
			}
			writeLost ||= outcome.mayHaveArrived && !(status !== void 0 && status >= 400 && status < 500);
			if (status === 422) key = void 0;
			obstacle = {
				problem: describeGitHub(subject, outcome.last),
				waitMs: outcome.waitMs
			};
		}
		problem = obstacle?.problem ?? "";
		if (!await budget.pause(obstacle?.waitMs, true)) {
			const fenced = budget.isFenced();
			if (fenced) return {
				kind: "not-stored",
				problem,
				writeLost,
				fenced
			};
			const last = await check(storing, baseline, budget);
			if ("movedAt" in last) return {
				kind: "moved",
				updatedAt: last.movedAt,
				writeLost
			};
			return {
				kind: "not-stored",
				problem,
				writeLost,
				fenced
			};
		}
		narrator.info(`GitHub: ${problem}; trying again.`);
	}
}
/**
* Rule 4: the conflict check. GitHub has no compare-and-swap, so two gaps remain: the moment between this check and the
* write, and a write so shortly before the check that an old read does not show it.
*
* Once an answer to a write is lost, a changed secret may hold this run's token or another run's. Nobody can read which, so
* nothing is used or handed out: a new run costs less than a token that is used before it is stored.
*/
async function check(storing, baseline, budget) {
	const { secret } = storing;
	const subject = subjectOf(storing);
	let now;
	try {
		now = await secret.metadata(budget);
	} catch (error) {
		if (!(error instanceof GitHubUnavailable)) throw error;
		return {
			problem: describeGitHub(subject, error.last),
			waitMs: error.waitMs
		};
	}
	if ("refused" in now) {
		if (now.refused === 404) return { settings: baseline.settings };
		return { problem: refusedLook(subject, "the secret", now) };
	}
	if (now.updatedAt <= baseline.conflictAfter) return { settings: await settingsNow(storing, baseline, now, budget) };
	return { movedAt: now.updatedAt };
}
/** The settings that a write must repeat may have changed since the baseline. If they can't be read, the baseline's must do. */
async function settingsNow({ secret }, { settings }, now, budget) {
	try {
		const answer = await secret.settings(now, budget);
		return "body" in answer ? answer.body : settings;
	} catch (error) {
		if (error instanceof GitHubUnavailable) return settings;
		throw error;
	}
}
async function freshKey(storing, secret, budget) {
	const subject = subjectOf(storing);
	try {
		const key = await secret.publicKey(budget);
		if ("refused" in key) return {
			problem: refusedLook(subject, "the public key", key),
			barrier: key.barrier
		};
		return canSeal(key) ? key : { problem: "its public key is unusable" };
	} catch (error) {
		if (!(error instanceof GitHubUnavailable)) throw error;
		return {
			problem: describeGitHub(subject, error.last),
			waitMs: error.waitMs
		};
	}
}
// src/rotation/copies.ts
/** Further secrets for the new tokens, written once the chain is safe. */
/** A copy that GitHub refuses (a 4xx) may work later, but the run does not wait long for that. */
const mostRefusedCopies = 3;
/**
* Writes the new tokens to further secrets, without a check before the write: they follow the secret that holds the chain.
*
* @returns those that were written
* @throws Failure `secret-not-written` if a required one could not be written
*/
async function storeCopies(copying, { copySettings }, key, tokens) {
	const { environment, retryFor, narrator, fence } = copying;
	const stored = [];
	let failure;
	const budget = new RetryBudget(environment, retryFor, fence);
	for (const copy of copying.copies) {
		const value = copy.holds === "refresh-token" ? tokens.refreshToken : tokens.accessToken;
		if (value === void 0) continue;
		const copied = await storeCopy(copying, copy, value, copy.secret.place === copying.secret.place ? key : void 0, copySettings.get(copy.secret.name) ?? {}, budget);
		const subject = subjectOf(copying);
		if (copied === "stored") {
			stored.push(copy);
			narrator.info(`GitHub: the ${contentOf$1(copy)} is also stored in the ${copy.secret.title}.`);
		} else if (copied === "fenced") narrator.warning(noTimeForCopy(copy));
		else if (copy.required) failure ??= copyNotWritten(subject, copy, copied.problem, copied.barrier);
		else narrator.warning(copyNotWritten(subject, copy, copied.problem, copied.barrier).message);
	}
	if (failure) throw failure;
	return stored;
}
async function storeCopy(copying, { secret }, value, knownKey, settings, budget) {
	let key = knownKey;
	const keys = new Patience(copying.environment, copying.retryFor);
	for (let refusals = 0;;) {
		let obstacle;
		const read = key ?? await freshKey(copying, secret, budget);
		if (budget.isFenced()) return "fenced";
		if ("problem" in read) {
			obstacle = read;
			refusals += 1;
		} else {
			const outcome = await secret.write(sealFor(read, value), read.keyId, settings, budget);
			const status = outcome.last instanceof TransportError ? void 0 : outcome.last.status;
			if (status === 201 || status === 204) return "stored";
			key = status === 422 ? void 0 : read;
			if (!key && await keys.pause()) continue;
			if (outcome.kind === "answer" && outcome.last.status >= 400) refusals += 1;
			obstacle = {
				problem: describeGitHub(subjectOf(copying), outcome.last),
				waitMs: outcome.waitMs,
				barrier: outcome.kind === "answer" ? outcome.last.barrier : void 0
			};
		}
		if (refusals >= mostRefusedCopies || !await budget.pause(obstacle.waitMs)) return budget.isFenced() ? "fenced" : obstacle;
	}
}
// src/rotation/refresh.ts
/** Asks Box for a new pair until there is an answer or no time is left. */
/** After a 200 without a token pair, asking again hardly ever helps. */
const mostTriesWithoutPair = 3;
async function refresh(refreshing, refreshToken, claim) {
	const { box, narrator, environment, retryFor, signals } = refreshing;
	const budget = new RetryBudget(environment, retryFor, claim?.fence);
	const subject = subjectOf(refreshing);
	let answerLost = claim?.answerLost ?? false;
	let withoutPair = 0;
	narrator.info("Box: asking for a new pair.");
	for (;;) {
		if (budget.isShort) return {
			fenced: true,
			answerLost
		};
		const answer = await box.refresh(refreshToken, budget);
		for (const token of answer.tokens) narrator.mask(token);
		switch (answer.kind) {
			case "pair": {
				const { accessToken: token, refreshToken: next, expiresIn, moment } = answer.pair;
				narrator.info("Box: issued a new pair. From now on, the old one may stop working at any moment.");
				return {
					refreshToken: next,
					access: {
						token,
						expiresIn
					},
					moment,
					problem: ""
				};
			}
			case "refresh-token-only":
				narrator.info("Box: the answer is faulty, but it has a new refresh token, which the action keeps.");
				return {
					refreshToken: answer.refreshToken,
					access: void 0,
					moment: void 0,
					problem: answer.problem
				};
			case "refused":
				if (answer.error === "invalid_grant") return {
					invalidGrant: answer,
					answerLost
				};
				if (!passingOAuthErrors.has(answer.error)) throw boxRefused(subject, answer, answerLost);
				break;
			case "no-pair":
				answerLost = true;
				withoutPair += 1;
				break;
			case "unusable":
				answerLost ||= mayHaveIssued(answer.status);
				break;
			case "no-answer": answerLost ||= answer.error.mayHaveArrived;
		}
		const waitMs = "waitMs" in answer ? answer.waitMs : void 0;
		const hopeless = withoutPair >= mostTriesWithoutPair || !answerLost && !mayPass(answer);
		if (signals.interrupted.aborted || hopeless || !await budget.pause(waitMs, answerLost)) {
			if (budget.isFenced() && !hopeless) return {
				fenced: true,
				answerLost
			};
			throw noPair(subject, answer, answerLost, budget.isUsedUp);
		}
		narrator.info(`Box: ${describeBox(subject, answer)}; asking again.`);
	}
}
/** Whether Box may have issued tokens, despite an answer of this status without any. */
function mayHaveIssued(status) {
	return status >= 500 || status < 300;
}
/** Whether asking again may bring a different answer. It won't if the certificate or the address is wrong. */
function mayPass(answer) {
	if (answer.kind === "no-answer") return answer.error.fault !== "certificate";
	if (answer.kind !== "unusable") return true;
	return answer.status < 400 || answer.status >= 500 || [408, 425].includes(answer.status);
}
// src/rotation/rotate.ts
/** Box's lifetime of an unused refresh token, in milliseconds. */
const refreshTokenLifetimeMs = 5184e6;
/**
* Rotates the pair once.
*
* @returns the new pair, stored
* @throws Failure with one of the codes; then nothing is handed out
*/
async function rotate(rotation) {
	const baseline = await prove(rotation);
	guard(rotation, baseline);
	rotation.signals.hold();
	try {
		const refreshed = await refresh(rotation, rotation.refreshToken);
		if ("invalidGrant" in refreshed) throw await invalidGrant(rotation, baseline, refreshed);
		rotation.journal.issued(refreshed.refreshToken, baseline);
		const { clock } = rotation.environment;
		return release(rotation, refreshed, refreshed.moment ?? {
			date: serverNow(baseline.moment, clock),
			at: clock.monotonic()
		}, await storeCopies(rotation, baseline, await storeAndSettle(rotation, baseline, refreshed.refreshToken), {
			refreshToken: refreshed.refreshToken,
			accessToken: refreshed.access?.token
		}));
	} finally {
		rotation.signals.release();
	}
}
/** A run that was queued before the last rotation holds the token from before it. It fails without asking Box. */
function guard(rotation, baseline) {
	const { updatedAt, runCreatedAt } = baseline;
	if (runCreatedAt !== void 0 && isStale(rotation, baseline)) throw queuedBeforeRotation(subjectOf(rotation), updatedAt, runCreatedAt);
}
/**
* The refresh token no longer works. If the stored secret is newer than what this run can know, another run has rotated it
* and the chain is alive; otherwise somebody has to sign in. A false "stale" costs a new run, a false "reauthorize" a
* sign-in. Rule 8: so it keeps looking for as long as a read may be old.
*
* @param accountedFor until when it is known who wrote the secret, in milliseconds since 1970 (UTC)
*/
async function invalidGrant(rotation, baseline, { invalidGrant: answer, answerLost }, accountedFor = -Infinity) {
	const { secret, run, environment, retryFor, narrator } = rotation;
	const subject = subjectOf(rotation);
	const budget = new RetryBudget(environment, retryFor);
	const patience = new Patience(environment, retryFor);
	for (let looks = 1, { updatedAt, runCreatedAt } = baseline;; looks += 1) {
		runCreatedAt ??= await run?.createdAt(runBudget(rotation));
		try {
			const now = await secret.metadata(budget);
			if ("updatedAt" in now) updatedAt = Math.max(updatedAt, now.updatedAt);
		} catch (error) {
			if (!(error instanceof GitHubUnavailable)) throw error;
		}
		if (updatedAt > accountedFor && isYounger(rotation, baseline, runCreatedAt, updatedAt)) return rotatedElsewhere(subject, answer, updatedAt);
		if (await isBehind(rotation, updatedAt)) return copyBehind(subject, answer);
		if (looks === 1) narrator.info("Box rejects the refresh token: checking whether another run has stored a newer one.");
		if (await patience.pause()) continue;
		return reauthorize(subject, answer, answerLost, run !== void 0 && runCreatedAt === void 0);
	}
}
/** Whether the stored token is, or may be, newer than the one that this run was given. */
function isYounger({ secret, startedAt }, { moment }, runCreatedAt, updatedAt) {
	if (runCreatedAt !== void 0 && updatedAt >= runCreatedAt) return true;
	if (secret.place.read === "when-the-job-starts") {
		const started = moment.date - (moment.at - startedAt);
		return updatedAt >= Math.floor(started / 1e3) * 1e3;
	}
	return runCreatedAt === void 0 && updatedAt >= moment.date;
}
/** Whether the copy that the given token comes from is older than the secret, or can't be checked. */
async function isBehind({ source, environment, retryFor }, updatedAt) {
	if (!source) return false;
	try {
		const copy = await source.metadata(new RetryBudget(environment, retryFor));
		return "refused" in copy || copy.updatedAt < updatedAt;
	} catch (error) {
		if (error instanceof GitHubUnavailable) return true;
		throw error;
	}
}
/** Stores the token. Once it is stored, or must no longer be stored, `post` has nothing to do. */
async function storeAndSettle(rotation, baseline, refreshToken) {
	const { journal } = rotation;
	try {
		const key = await store({
			...rotation,
			aboutToWrite: () => journal.aboutToStore()
		}, baseline, refreshToken);
		journal.settled();
		return key;
	} catch (error) {
		if (error instanceof Failure && error.code === "stale-secret") journal.superseded();
		throw error;
	}
}
function release(rotation, { access, problem }, issued, copied) {
	if (!access) throw storedWithoutAccess(subjectOf(rotation), problem);
	return {
		accessToken: access.token,
		expiresAt: issued.date + access.expiresIn * 1e3,
		refreshTokenExpiresAt: issued.date + refreshTokenLifetimeMs,
		moment: issued,
		storedIn: [rotation.secret, ...copied.filter(({ holds }) => holds === "refresh-token").map(({ secret }) => secret)].map(({ title }) => title)
	};
}
// src/signals.ts
/** A guard for a Node.js process. */
function processSignals(target) {
	const names = ["SIGINT", "SIGTERM"];
	const interrupted = new AbortController();
	const note = () => interrupted.abort();
	return {
		hold: () => names.forEach((name) => target.on(name, note)),
		release: () => names.forEach((name) => target.off(name, note)),
		interrupted: interrupted.signal
	};
}
/** The run was cancelled while signals were held off, and nothing is left to lose. */
var Cancelled = class extends Error {
	name = "Cancelled";
	/** What was used and what was not, in a sentence. */
	spent;
	constructor(spent) {
		super("the run was cancelled");
		this.spent = spent;
	}
};
// src/sharing/claim.ts
/**
* A claim: the right to refresh, as an Actions variable that only one job can create. GitHub refuses a name that is taken,
* whatever its reads show (rule 8). A claim holds for its lease.
*
* Claims stay: once its holder has published, a claim is marked as done and kept, so that a job that still sees the old
* state cannot get it again. If a lease runs out, nobody deletes that claim for its holder; the next epoch follows it. A
* deletion that arrives late could take away somebody else's claim.
*/
init_json();
/** `Date` headers are in whole seconds, so a holder considers its own lease over this much earlier. */
const roundingMs = 1e3;
/** Without a state, jobs may hold different tokens, and still only one of them may refresh. */
const withoutState = "NEW";
/** Claims that have been over for this long may be deleted: no read can still show the state from before them. */
const tombstoneMs = 6e5;
/** The length of a lease, in seconds: enough for both phases that are retried, and some to spare. */
function leaseSeconds(retryFor) {
	return 2 * retryFor + 10;
}
/** The beginning of the names of a state's claims, up to the token. */
function claimPrefix(stateVariable) {
	return `${stateVariable.toUpperCase()}_CLAIM_`;
}
/** What stands for a refresh token in a claim's name; `undefined`: there is no state. Needs `sealingReady` first. */
function claimToken(secrets, refreshToken) {
	if (refreshToken === void 0) return withoutState;
	return Buffer.from(fingerprintOf(secrets, refreshToken).subarray(0, 4)).toString("hex").toUpperCase();
}
/** Whether a claim is for a token that a state lists as spent or superseded, or from before there was a state. */
function isOfEarlierState({ token }, { over }) {
	return token === withoutState || over.hasStarting(Buffer.from(token, "hex"));
}
/**
* The latest date up to which those who refreshed before account for the secret, in milliseconds since 1970 (UTC): they
* noted their write in their claim. A holder that was killed there, or whose note got lost, may have written the secret
* while its lease ran; so a date from that time is taken for its doing. For each token, that can only be the last holder:
* it is the one that published.
*
* @param updatedAt the secret's date; same unit
*/
function accountedByHolders(claims, state, updatedAt) {
	const isGivenUp = ({ leaseEndsAt }) => leaseEndsAt === 0;
	const earlier = claims.filter((one) => isUnderstood(one) && (isGivenUp(one) || isOfEarlierState(one, state)));
	const published = earlier.filter((one) => !isGivenUp(one));
	const isLast = ({ token, epoch }) => !published.some((one) => one.token === token && one.epoch > epoch);
	const mayHaveWritten = ({ madeAt, leaseEndsAt, doneAt }) => doneAt === void 0 && madeAt !== void 0 && madeAt <= updatedAt && updatedAt <= leaseEndsAt;
	return Math.max(0, ...earlier.map(({ secretWrittenAt }) => secretWrittenAt ?? 0), ...published.filter((one) => isLast(one) && mayHaveWritten(one)).map(() => updatedAt));
}
/**
* Reads a claim; `undefined` if the variable does not have the name of one. A claim whose value makes no sense counts as
* over since it was written, so that it locks nobody out.
*/
function readClaim(stateVariable, { name, value, createdAt, updatedAt }) {
	const prefix = claimPrefix(stateVariable);
	const variable = name.toUpperCase();
	if (!variable.startsWith(prefix)) return void 0;
	const match = /^([0-9A-F]{8}|NEW)_([1-9]\d{0,8})$/.exec(variable.slice(prefix.length));
	if (!match) return void 0;
	const [, token = "", epoch = ""] = match;
	const content = contentIn(value);
	const writtenAt = updatedAt ?? 0;
	const isSensible = content && (updatedAt === void 0 || content.leaseEndsAt <= updatedAt + longestLeaseMs);
	return {
		variable,
		token,
		epoch: Number(epoch),
		madeAt: createdAt,
		...isSensible ? content : {
			...nothing,
			leaseEndsAt: writtenAt
		}
	};
}
/** Whether the value of a claim could be read. */
function isUnderstood({ nonce }) {
	return nonce !== "";
}
const nothing = {
	nonce: "",
	leaseEndsAt: 0,
	doneAt: void 0,
	secretWrittenAt: void 0,
	next: void 0
};
function contentIn(value) {
	let content;
	try {
		content = JSON.parse(value);
	} catch {
		return;
	}
	if (!isRecord(content)) return void 0;
	const { nonce, next } = content;
	const leaseEndsAt = dateIn(content["lease-ends-at"]);
	if (typeof nonce !== "string" || nonce === "" || leaseEndsAt === void 0) return void 0;
	const since = dateIn(content["next-since"]);
	return {
		nonce,
		leaseEndsAt,
		doneAt: dateIn(content["done-at"]),
		secretWrittenAt: dateIn(content["secret-written-at"]),
		next: typeof next === "number" && Number.isSafeInteger(next) && next > 0 && since !== void 0 ? {
			epoch: next,
			since
		} : void 0
	};
}
function dateIn(text) {
	const date = typeof text === "string" ? Date.parse(text) : NaN;
	return Number.isNaN(date) ? void 0 : date;
}
/** The value of a claim's variable; nothing in it is secret. */
function claimValue(claim) {
	const date = (ms) => ms === void 0 ? void 0 : new Date(ms).toISOString();
	return JSON.stringify({
		nonce: claim.nonce,
		"lease-ends-at": date(claim.leaseEndsAt),
		"done-at": date(claim.doneAt),
		"secret-written-at": date(claim.secretWrittenAt),
		next: claim.next?.epoch,
		"next-since": date(claim.next?.since)
	});
}
/** The longest that any claim can hold, in milliseconds: the lease for the longest `retry-for`, and a minute to spare. */
const longestLeaseMs = (leaseSeconds(3600) + 60) * 1e3;
/**
* The status of a claim.
*
* @param now milliseconds since 1970 (UTC), by GitHub's clock
*/
function statusAt({ nonce, leaseEndsAt, doneAt }, now) {
	if (doneAt !== void 0) return "done";
	if (nonce !== "" && leaseEndsAt === 0) return "given-up";
	return leaseEndsAt > now && leaseEndsAt <= now + longestLeaseMs ? "live" : "over";
}
/** Whether the lease ended so long ago that every read shows what its holder did (rule 8). */
function isLongOver(claim, now) {
	return statusAt(claim, now) === "over" && (claim.leaseEndsAt > now || now > claim.leaseEndsAt + 3e4);
}
/** Prepares a claim that is yet to be made. */
function newClaim(stateVariable, token, epoch, { seconds, nonce, moment, askedAt }, clock) {
	const leaseEndsAt = Math.floor(serverNow(moment, clock)) + seconds * 1e3;
	return heldClaim({
		...nothing,
		variable: `${claimPrefix(stateVariable)}${token}_${epoch}`,
		token,
		epoch,
		nonce,
		leaseEndsAt
	}, moment, askedAt);
}
/**
* A claim that this process holds. GitHub stamped its date some time after it was asked for, so a fence that is counted
* from the asking is never too late (rule 6: time is the servers').
*/
function heldClaim(claim, { date }, askedAt) {
	return {
		...claim,
		fence: askedAt + (claim.leaseEndsAt - date) - roundingMs
	};
}
/**
* Tombstones that may be deleted: claims of tokens that the state no longer holds, once all claims of that token have been
* over for so long that no read can still show the state from before them (rule 8). While one claim of a token has to
* stay, all of them stay, because a job with an old read starts at the first.
*
* @param current the state's token, before and after this refresh
* @param now milliseconds since 1970 (UTC), by GitHub's clock
*/
function tombstones(claims, current, now) {
	const kept = /* @__PURE__ */ new Set([...current, ...claims.filter((claim) => !isBuried(claim, now)).map(({ token }) => token)]);
	return claims.filter(({ token }) => !kept.has(token));
}
function isBuried(claim, now) {
	if (statusAt(claim, now) === "live") return false;
	return now > (claim.doneAt ?? claim.leaseEndsAt) + tombstoneMs;
}
/** How many claims of one token are climbed one by one before a shortcut is noted in the first. */
const mostSteps = 8;
/**
* Bounds the pile of claims on a dead chain, or while Box refuses for another reason: each run then leaves a claim that it
* gave up, all for the same token. The first one must stay, but it can note where to go on; those in between may be
* deleted once every read shows that note.
*
* @param now milliseconds since 1970 (UTC), by GitHub's clock
*/
function shortcut(claims, own, now) {
	const same = claims.filter(({ token, epoch }) => token === own.token && epoch < own.epoch);
	const first = same.find(({ epoch }) => epoch === 1);
	if (!first || statusAt(first, now) === "live") return {
		note: void 0,
		remove: []
	};
	const { next } = first;
	const settled = next !== void 0 && now > next.since + tombstoneMs ? next.epoch : 1;
	const remove = same.filter(({ epoch }) => epoch > 1 && epoch < settled);
	return {
		note: own.epoch - (next?.epoch ?? 1) >= mostSteps ? {
			...first,
			nonce: first.nonce || "unknown",
			next: {
				epoch: own.epoch,
				since: now
			}
		} : void 0,
		remove
	};
}
// src/sharing/shared-variables.ts
/** Rule 6: GitHub's clock; the runner's only if GitHub sends no `Date`, which HTTP requires of every server. */
function momentOr({ environment }, moment) {
	return moment ?? {
		date: environment.clock.wall(),
		at: environment.clock.monotonic()
	};
}
/**
* Reads and opens the state, and masks its tokens before anything else happens.
*
* @throws Failure `bad-input` if a newer version of the action wrote it, `cannot-write-secret` if the token is not allowed
*   to read it
* @throws GitHubUnavailable
*/
async function readState(sharing, budget) {
	const { variables, seal, narrator } = sharing;
	const [reading] = await Promise.all([variables.read(seal.name, budget), sealingReady()]);
	if ("refused" in reading) throw cannotUseVariable(sharing, "read", reading);
	const moment = momentOr(sharing, reading.moment);
	const { value: text, askedAt } = reading;
	if (text === void 0) return {
		text,
		state: void 0,
		moment,
		askedAt
	};
	const opened = openState(seal, text);
	if ("problem" in opened) {
		if (opened.problem === "newer-version") throw newerState(sharing);
		return {
			text,
			state: void 0,
			moment,
			askedAt
		};
	}
	narrator.mask(opened.refreshToken);
	if (opened.access) narrator.mask(opened.access.token);
	return {
		text,
		state: opened,
		moment,
		askedAt
	};
}
/**
* Whether the state has moved: it holds a newer refresh token than before, so whatever was planned with the old one is off.
* A state that is gone, does not open, or came earlier has not moved: that is an old read (rule 8), or damage.
*/
function hasMoved({ seal }, before, now) {
	if (now.state === void 0) return false;
	return before.state === void 0 || !accountsFor(seal, before.state, now.state.refreshToken);
}
/** Rule 8: the newer of two views, whichever came first; with the time of the later answer. */
function newerOf({ seal }, before, now) {
	if (!before?.state) return now;
	return now.state !== void 0 && (now.state.refreshToken === before.state.refreshToken ? now.state.over.size >= before.state.over.size : !accountsFor(seal, before.state, now.state.refreshToken)) ? now : {
		...before,
		moment: now.moment,
		askedAt: now.askedAt
	};
}
/** Reads one claim; `claim` is `undefined` if GitHub shows no such variable. */
async function readOneClaim(sharing, variable, budget) {
	const { variables, seal } = sharing;
	const reading = await variables.read(variable, budget);
	if ("refused" in reading) throw cannotUseVariable(sharing, "read", reading);
	const { value, updatedAt, askedAt } = reading;
	return {
		claim: value === void 0 ? void 0 : readClaim(seal.name, {
			name: variable,
			value,
			updatedAt
		}),
		moment: momentOr(sharing, reading.moment),
		askedAt
	};
}
/** Reads all claims for the state, of any token. */
async function listClaims(sharing, budget) {
	const { variables, seal } = sharing;
	const answer = await variables.list(claimPrefix(seal.name), budget);
	if ("refused" in answer) throw cannotUseVariable(sharing, "list", answer);
	return {
		claims: answer.variables.map((variable) => readClaim(seal.name, variable)).filter((claim) => claim !== void 0),
		moment: momentOr(sharing, answer.moment)
	};
}
// src/sharing/claiming.ts
/**
* The step "otherwise claim, then refresh": taking the right to refresh, waiting for whoever has it, and giving it back.
*
* - Claim: a POST of the claim's variable decides, since the primary answers it: 201 once, and 409 from then on.
* - Rule 8: what a GET shows may be old, so it only tells how long to wait.
* - Claims stay: they are marked as done or given up, and deleted only as tombstones.
*/
/** How long tidying up may take, in seconds: nothing depends on it. */
const cleanUpSeconds = 15;
/** The pause between two looks of a waiting job, in milliseconds: it never asks more than once a second. */
const shortestPollMs$1 = 1e3;
const longestPollMs = 3e3;
/** Every third look is at the claim instead of the state, because its holder may have given up. */
const claimLookEvery = 3;
/** An own claim with less time left than this, in milliseconds, is of no use any more. */
const leastMs = 2e3;
/** How often a claim's name may be taken while GitHub shows no claim there, each time for as long as a read may be old. */
const mostBlocked = 3;
/**
* Claims the right to refresh the state's token, and waits while somebody else has it. Rule 1: this also proves that the
* token may write variables.
*
* Epochs are climbed, not looked up. Start at the first epoch and POST; on 409, read that very claim:
*
* - done: the state has moved, so read it until it shows that
* - live, or not shown yet: wait
* - given up, or over for so long that every read shows what its holder did: take the next epoch
*
* So no epoch is skipped because an old list does not show it.
*
* @throws Failure `cannot-write-secret`, or `github-unavailable` if a variable that is not a claim is in the way
* @throws GitHubUnavailable
*/
async function takeClaim(sharing, before, options = {}) {
	const { seal, environment, retryFor } = sharing;
	const { clock, random } = environment;
	const { announce = () => {}, own, deadline = Infinity } = options;
	const token = claimToken(seal.secrets, before.state?.refreshToken);
	const goesOn = own?.token === token ? own : void 0;
	const nonce = goesOn?.nonce ?? nonceFrom(random);
	let epoch = goesOn?.epoch ?? 1;
	let mayHaveSpent = goesOn?.mayHaveSpent ?? false;
	let hasJumped = false;
	for (let blocked = 0;;) {
		const budget = new RetryBudget(environment, retryFor, deadline);
		const lease = {
			seconds: leaseSeconds(retryFor),
			nonce,
			moment: before.moment,
			askedAt: before.askedAt
		};
		const wanted = newClaim(seal.name, token, epoch, lease, clock);
		announce(wanted);
		if (await create(sharing, wanted, budget)) return {
			kind: "held",
			claim: wanted,
			mayHaveSpent
		};
		const there = await readUntilShown(sharing, wanted.variable, deadline);
		if (!there) {
			blocked += 1;
			if (clock.monotonic() >= deadline) return { kind: "too-late" };
			if (blocked === mostBlocked) throw blockedClaim(sharing);
			continue;
		}
		const { moment, askedAt } = there;
		let { claim } = there;
		const isOwn = claim.nonce === nonce && claim.doneAt === void 0;
		if (isOwn && statusAt(claim, serverNow(moment, clock)) === "live") {
			const held = heldClaim(claim, moment, askedAt);
			if (held.fence > clock.monotonic() + leastMs) return {
				kind: "held",
				claim: held,
				mayHaveSpent
			};
		}
		if (!isOwn) {
			const ended = await untilOver(sharing, before, claim, deadline);
			if (ended.kind !== "over") return ended;
			({claim} = ended);
			mayHaveSpent ||= statusAt(claim, ended.now) !== "given-up";
		}
		epoch = Math.max(epoch + 1, claim.next?.epoch ?? 0);
		if (!hasJumped && epoch > 2) {
			const list = await listClaims(sharing, budget);
			const same = list.claims.filter((one) => one.token === token);
			epoch = Math.max(epoch, ...same.map((one) => one.epoch));
			const now = serverNow(list.moment, clock);
			mayHaveSpent ||= same.some((one) => one.epoch < epoch && statusAt(one, now) !== "given-up");
		}
		hasJumped ||= epoch > 2;
	}
}
/** @returns whether the claim was created; `false` if there already is a variable of that name */
async function create(sharing, claim, budget) {
	const { variables } = sharing;
	const created = await untilAnswered(budget, () => variables.create(claim.variable, claimValue(claim), budget), (reply) => {
		if (reply.status === 201) return "created";
		return reply.status === 409 ? "exists" : refusal(reply);
	});
	if (created === "created") return true;
	if (created === "exists") return false;
	throw cannotUseVariable(sharing, "write", created);
}
/** Rule 8: waits until a claim shows that exists according to a 409; `undefined` if it never does. */
async function readUntilShown(sharing, variable, deadline) {
	const { environment, retryFor } = sharing;
	const patience = new Patience(environment, stalenessMs / 1e3);
	for (;;) {
		const { claim, ...rest } = await readOneClaim(sharing, variable, new RetryBudget(environment, retryFor, deadline));
		if (claim) return {
			claim,
			...rest
		};
		if (!await patience.pause() || environment.clock.monotonic() >= deadline) return void 0;
	}
}
/**
* Those who wait poll the state, with jitter, until it moves, or until the holder can no longer publish. Waiting is not an
* outage: it ends with the lease, and does not count against `retry-for`.
*/
async function untilOver(sharing, before, first, deadline) {
	const { environment, narrator, retryFor } = sharing;
	const { clock, random } = environment;
	let claim = first;
	let { moment } = before;
	if (statusAt(claim, serverNow(moment, clock)) === "live") narrator.info(`Another job is refreshing the shared token (${claim.variable}, until ${isoSeconds(claim.leaseEndsAt)} at the latest): waiting for it.`);
	let doneSince;
	for (let look = 1, pollMs = shortestPollMs$1;; look += 1, pollMs = Math.min(longestPollMs, pollMs * 1.25)) {
		const now = serverNow(moment, clock);
		const status = statusAt(claim, now);
		if (status === "given-up" || isLongOver(claim, now)) return {
			kind: "over",
			claim,
			now
		};
		if (status === "done") doneSince ??= clock.monotonic();
		if (doneSince !== void 0 && clock.monotonic() >= doneSince + 3e4) return {
			kind: "over",
			claim,
			now
		};
		if (clock.monotonic() >= deadline) return { kind: "too-late" };
		const untilEnd = doneSince === void 0 ? claim.leaseEndsAt + stalenessMs - now : doneSince + stalenessMs - clock.monotonic();
		const shortest = shortestPollMs$1 * (1 + random());
		await clock.sleep(Math.max(shortest, Math.min(pollMs * (1 + random()), untilEnd + shortest)));
		if (clock.monotonic() >= deadline) return { kind: "too-late" };
		const budget = new RetryBudget(environment, retryFor, deadline);
		if (doneSince === void 0 && look % claimLookEvery === 0) {
			const there = await readOneClaim(sharing, claim.variable, budget);
			if (there.claim) ({claim} = there);
			moment = there.moment;
			continue;
		}
		const view = await readState(sharing, budget);
		moment = view.moment;
		if (hasMoved(sharing, before, view) || isRewritten(before, view)) return {
			kind: "changed",
			view
		};
	}
}
/** Whether the state was written again with the same refresh token. */
function isRewritten(before, now) {
	const token = now.state?.refreshToken;
	return token !== void 0 && token === before.state?.refreshToken && (now.state?.over.size ?? 0) > before.state.over.size;
}
/**
* A live claim of another token is a reason to wait, too: its holder may be about to write the secret.
*
* @throws GitHubUnavailable
*/
async function waitForOther(sharing, before, claim) {
	await untilOver(sharing, before, claim, Infinity);
}
/** Sends a request until there is a usable answer. */
async function untilAnswered(budget, send, read) {
	for (;;) {
		const outcome = await send();
		const value = outcome.kind === "answer" ? read(outcome.last) : void 0;
		if (value !== void 0) return value;
		if (!await budget.pause(outcome.waitMs)) throw new GitHubUnavailable(outcome.last, outcome.waitMs);
	}
}
/** 64 random bits that tell claims apart; not a secret. */
function nonceFrom(random) {
	const half = () => Math.floor(random() * 2 ** 32).toString(16).padStart(8, "0");
	return half() + half();
}
/**
* Keeps everybody from rotating a token that may or may not be published: to do so, they would need this claim.
*
* Its nonce comes from the token, so that whoever brings the same token to the state (a job, its post step, `recover`) knows
* the claim for the same purpose; only one of them can hold the claim of the state's token. A claim that is seen here is
* really held: it is only given up once the token is known to be published. If too little of its lease is left, the next
* epoch is taken.
*
* @param until the claim must hold for as long, by the monotonic clock (milliseconds)
* @returns the claim; `taken` if there is one for another purpose, which proves that the token was published: somebody has
*   gone on from it; `not-shown` if there is one that GitHub does not show yet
* @throws Failure or GitHubUnavailable
*/
async function barClaim(sharing, refreshToken, view, until, budget) {
	const { seal, environment, retryFor } = sharing;
	const { clock } = environment;
	const { token, nonce } = barOf(sharing, refreshToken);
	const lease = {
		seconds: leaseSeconds(retryFor),
		nonce,
		moment: view.moment,
		askedAt: view.askedAt
	};
	for (let epoch = 1;; epoch += 1) {
		const wanted = newClaim(seal.name, token, epoch, lease, clock);
		if (await create(sharing, wanted, budget)) return wanted;
		const there = await readUntilShown(sharing, wanted.variable, clock.monotonic() + budget.timeoutMs * 3);
		if (!there) return "not-shown";
		if (there.claim.nonce !== nonce) return "taken";
		const held = heldClaim(there.claim, there.moment, there.askedAt);
		if (statusAt(held, serverNow(there.moment, clock)) === "live" && held.fence >= until) return held;
	}
}
/** The first claim that keeps others from going on from a token. */
function barOf({ seal }, refreshToken) {
	const nonce = Buffer.from(fingerprintOf(seal.secrets, `bar ${refreshToken}`)).toString("hex");
	return {
		token: claimToken(seal.secrets, refreshToken),
		epoch: 1,
		nonce
	};
}
/**
* Gives up an own claim under which nothing was spent, by ending its lease (in 1970): the next epoch may be taken at once.
* Claims stay: a deletion that arrives late could take away a claim of the same name.
*/
async function giveUpClaim(sharing, claim) {
	await rewrite(sharing, {
		...claim,
		leaseEndsAt: 0
	});
}
/**
* Marks an own claim as done: the state has moved. Claims stay, so that a job that still sees the old state cannot get this
* one again.
*
* @param at milliseconds since 1970 (UTC), by GitHub's clock
* @param secretWrittenAt when the holder wrote the secret at the latest; same unit and clock
*/
async function markDone(sharing, claim, at, secretWrittenAt) {
	await rewrite(sharing, {
		...claim,
		doneAt: at,
		secretWrittenAt: secretWrittenAt ?? claim.secretWrittenAt
	});
}
async function rewrite(sharing, claim) {
	const { variables, environment } = sharing;
	const budget = new RetryBudget(environment, cleanUpSeconds);
	await tidily(sharing, claim.variable, () => untilAnswered(budget, () => variables.update(claim.variable, claimValue(claim), budget), (reply) => reply.status === 204 || reply.status === 404 ? true : refusal(reply)));
}
/**
* Deletes the tombstones among the claims that a holder saw, and bounds the pile that a dead chain would leave.
*
* @param current the state's refresh token, before and after this refresh
* @param now milliseconds since 1970 (UTC), by GitHub's clock
*/
async function tidyClaims(sharing, claims, own, current, now) {
	const tokens = current.map((refreshToken) => claimToken(sharing.seal.secrets, refreshToken));
	const { note, remove } = shortcut(claims, own, now);
	await Promise.all([
		...tombstones(claims, [...tokens, own.token], now).map((claim) => deleteClaim(sharing, claim)),
		...remove.map((claim) => deleteClaim(sharing, claim)),
		...note ? [rewrite(sharing, note)] : []
	]);
}
async function deleteClaim(sharing, { variable }) {
	const { variables, environment } = sharing;
	const budget = new RetryBudget(environment, cleanUpSeconds);
	await tidily(sharing, variable, () => untilAnswered(budget, () => variables.remove(variable, budget), (reply) => reply.status === 204 || reply.status === 404 ? true : refusal(reply)));
}
/** Nothing depends on tidying up: what is left behind ends with its lease, and a later refresh deletes it. */
async function tidily({ narrator }, variable, act) {
	try {
		if (await act() === true) return;
	} catch (error) {
		if (!(error instanceof GitHubUnavailable) && !(error instanceof Failure)) throw error;
	}
	narrator.info(`GitHub: the claim ${variable} could not be tidied up; it ends with its lease.`);
}
// src/sharing/publish.ts
/**
* Two steps of "order": publish the state, then store the secret. Published is durable: from there the chain survives
* whatever happens to the secret.
*
* Fence: each try looks at the lease first. With the lease over, nothing is written.
*/
/** Rule 8: GitHub has a state, but its reads do not show it yet. */
var NotShown = class extends Error {
	name = "NotShown";
};
/**
* Publishes a state over the one that was read under a claim: while the claim holds, nobody else does.
*
* A write without an answer may have arrived, and others may have gone on from it since; no read can rule that out (rule
* 8). So before it is sent again, the claim for the *new* token is taken: then nobody can go on from it, and if somebody
* already has that claim, the token was published. Until it is known to be published, that claim is kept.
*
* @param before the state as it was when its token was sent to Box
* @param doubt this also updates it; the claim must not be given up while a write may still arrive
* @param isPublished called once it is published, before anything else is sent
* @throws Failure `secret-not-written` if GitHub does not accept it in time
*/
async function publish(sharing, claim, before, next, doubt, isPublished = () => {}) {
	const { seal, environment, retryFor, narrator, variables } = sharing;
	const budget = new RetryBudget(environment, retryFor, claim.fence);
	const sealed = sealState(seal, next);
	const isOther = next.refreshToken !== before.state?.refreshToken;
	let isThere = before.text !== void 0;
	/** Whether it is certain what a write would replace. */
	let isCertain = !(doubt.mayBePublished && isOther);
	let bar;
	const published = async () => {
		isPublished();
		if (bar) await giveUpClaim(sharing, bar);
		return "published";
	};
	for (;;) {
		let problem;
		let waitMs;
		try {
			if (!isCertain) {
				const now = await readState(sharing, budget);
				if (now.state?.refreshToken === next.refreshToken) return await published();
				if (hasMoved(sharing, before, now)) return "moved";
				if (now.text === void 0 && isThere) throw new NotShown();
				isThere = now.text !== void 0;
				bar ??= await takeBar(sharing, next.refreshToken, now, claim.fence, budget);
				if (!bar) return "moved";
				isCertain = true;
			}
			if (budget.isFenced()) return "lease-over";
			const outcome = isThere ? await variables.update(seal.name, sealed, budget) : await variables.create(seal.name, sealed, budget);
			const status = outcome.last instanceof TransportError ? void 0 : outcome.last.status;
			if (status === 201 || status === 204) return await published();
			if (status === 404) isThere = false;
			if (outcome.mayHaveArrived && (status ?? 500) >= 500) {
				doubt.mayBePublished = true;
				if (isOther && !bar) isCertain = false;
			}
			if (status === 409) {
				isThere = true;
				if (isOther) isCertain = false;
			}
			problem = describeGitHub(subjectOf(sharing), outcome.last);
			waitMs = outcome.waitMs;
		} catch (error) {
			if (error instanceof GitHubUnavailable) {
				problem = describeGitHub(subjectOf(sharing), error.last);
				waitMs = error.waitMs;
			} else if (error instanceof NotShown) problem = "it does not show the present value yet";
			else if (error instanceof Failure) problem = error.what.replace(/\.$/, "");
			else throw error;
		}
		if (!await budget.pause(waitMs, true)) {
			if (budget.isFenced()) return "lease-over";
			throw notPublished(sharing, retryFor, problem);
		}
		narrator.info(`GitHub: ${problem}; trying again to publish the shared state.`);
	}
}
/**
* The claim for a token that may be published.
*
* @returns `undefined` if somebody else has it
* @throws NotShown, Failure or GitHubUnavailable
*/
async function takeBar(...of) {
	const bar = await barClaim(...of);
	if (bar === "not-shown") throw new NotShown();
	return bar === "taken" ? void 0 : bar;
}
/**
* Stores the published refresh token in the secret. Rule 4: only if the secret holds nothing that the state does not account
* for.
*
* @param begun called before each write; or whether an earlier process of this job may have written it already
* @param firstLook the check before the write, if it is already under way
*/
async function storePublished(sharing, claim, baseline, view, refreshToken, begun, firstLook) {
	const { secret, narrator, environment, retryFor } = sharing;
	const outcome = await tryToStore(typeof begun === "boolean" ? {
		...sharing,
		aboutToWrite: () => {},
		mayBeWritten: begun,
		fence: claim.fence
	} : {
		...sharing,
		aboutToWrite: begun,
		fence: claim.fence
	}, baseline, refreshToken, new RetryBudget(environment, retryFor, claim.fence), firstLook);
	switch (outcome.kind) {
		case "stored": {
			const { key, writtenAt = serverNow(view.moment, environment.clock) } = outcome;
			return {
				kind: "stored",
				key,
				writtenAt
			};
		}
		case "moved":
			if (outcome.writeLost) {
				narrator.info(writtenSince(secret.title));
				return {
					kind: "left-alone",
					writtenAt: claim.leaseEndsAt
				};
			}
			narrator.warning(secretLeftAlone(secret.title, outcome.updatedAt));
			return {
				kind: "left-alone",
				writtenAt: void 0
			};
		case "not-stored": {
			const writtenAt = outcome.writeLost ? claim.leaseEndsAt : void 0;
			if (!outcome.fenced) return {
				kind: "not-stored",
				problem: outcome.problem,
				writtenAt
			};
			narrator.warning(leaseOverBeforeStore(secret.title, outcome.problem));
			return {
				kind: "left-alone",
				writtenAt
			};
		}
	}
}
// src/sharing/under-claim.ts
/**
* The step "whoever holds the claim": what a job does under its claim.
*
* - Order: refresh, journal, publish the state, store the secret, hand out. Published is durable: from there the chain
*   survives whatever happens to the secret. The claim is marked as done last, so that one request also notes the
*   secret's new date.
* - Fence: with the lease over, it does nothing more with effect. All its budgets end with the claim.
*/
/** How long noting that a given token is refused may take, in seconds: it only saves other jobs a question to Box. */
const noteSeconds = 15;
/**
* Whoever holds the claim reads the state again before spending, checks that there is no higher epoch, takes the secret's
* baseline only now, and then refreshes, publishes and stores.
*
* @param learnt what the job has learnt; this adds to it, for the next try as well
* @returns `undefined`: start from the state again
* @throws Failure or GitHubUnavailable; then a pair that was issued and not published is in `learnt.inHand`
*/
async function underClaim(rotation, held, learnt) {
	const { environment, retryFor, journal, signals } = rotation;
	const { claim } = held;
	const budget = new RetryBudget(environment, retryFor, claim.fence);
	let left = learnt.inHand ? "kept" : "given-up";
	let holding;
	let firstLook;
	try {
		const [seen, list, baseline] = await Promise.all([
			readState(rotation, budget),
			listClaims(rotation, budget),
			prove(rotation, budget.signal)
		]);
		const now = newerOf(rotation, held.view, seen);
		learnt.newest = newerOf(rotation, learnt.newest, now);
		holding = {
			...held,
			rotation,
			now,
			list,
			baseline,
			learnt
		};
		const obstacle = obstacleOf(holding, held.view);
		if (obstacle) {
			if (obstacle.kind === "moved") left = "done";
			if (obstacle.kind !== "other-claim") return void 0;
			if (left === "given-up") await leave(held, learnt, rotation, left);
			left = "kept";
			await waitForOther(rotation, now, obstacle.claim);
			return;
		}
		learnt.inHand ??= await refreshUnderClaim(holding, () => left = "kept");
		if (!learnt.inHand) return void 0;
		left = "kept";
		const { inHand } = learnt;
		const state = nextState(rotation, now, inHand.issued);
		firstLook = checkSecret(holding, inHand.issued);
		const published = await publish(rotation, claim, now, state, inHand, () => journal.published());
		if (published === "moved") {
			left = "done";
			inHand.mayBePublished = false;
		}
		if (published !== "published") return void 0;
		learnt.inHand = void 0;
		learnt.newest = {
			...now,
			text: sealState(rotation.seal, state),
			state
		};
		rotation.narrator.info(`GitHub: the new pair is published in the ${titleOf(rotation)}, encrypted.`);
		return await afterPublishing(holding, state, inHand, firstLook.fresh());
	} catch (error) {
		if (error instanceof GitHubUnavailable && budget.isFenced() && left === "given-up") return void 0;
		throw error;
	} finally {
		budget.end();
		firstLook?.end();
		if (left !== "kept") await leave(held, learnt, rotation, left, holding);
		if (left !== "kept") journal.unclaimed();
		if (!learnt.inHand && left !== "kept") signals.release();
	}
}
/**
* Gives the claim up or marks it as done, and tidies up.
*
* Rule 8: a read may still show the claim as it was, so the job must not take it for one that it holds. It goes on with
* the next epoch, or the latest one that it has seen; or, if the state has moved, from the first one, like everybody.
*/
async function leave({ claim, mayHaveSpent }, learnt, rotation, left, holding) {
	if (left === "done") learnt.lastClaim = void 0;
	else {
		const later = (holding?.list.claims ?? []).filter((one) => one.token === claim.token && one.epoch > claim.epoch);
		const epoch = Math.max(claim.epoch + 1, ...later.map((one) => one.epoch));
		learnt.lastClaim = {
			...claim,
			epoch,
			mayHaveSpent: mayHaveSpent || later.length > 1
		};
	}
	if (left === "given-up") await giveUpClaim(rotation, claim);
	else await markDone(rotation, claim, githubNow(rotation, holding?.now));
	if (holding) await tidy(holding, [holding.now.state?.refreshToken]);
}
/** GitHub's clock, in milliseconds since 1970 (UTC); the runner's if nothing has been read. */
function githubNow({ environment }, view) {
	return view ? Math.ceil(serverNow(view.moment, environment.clock)) : environment.clock.wall();
}
async function tidy({ rotation, claim, list }, current) {
	await tidyClaims(rotation, list.claims, claim, current, githubNow(rotation, list));
}
/** Why the holder of a claim has to start again, after what it has read under the claim; `undefined`: go on. */
function obstacleOf({ rotation, now, list, claim, baseline, source, learnt }, before) {
	if (hasMoved(rotation, learnt.inHand?.before ?? before, now)) return { kind: "moved" };
	const { claims } = list;
	if (claims.some(({ token, epoch }) => token === claim.token && epoch > claim.epoch)) return { kind: "higher-epoch" };
	const at = githubNow(rotation, list);
	const bar = learnt.inHand && barOf(rotation, learnt.inHand.issued.refreshToken);
	const isOther = (one) => one.token !== claim.token && one.nonce !== bar?.nonce;
	const other = claims.find((one) => isOther(one) && statusAt(one, at) === "live");
	if (other) return {
		kind: "other-claim",
		claim: other
	};
	if (learnt.inHand || source !== "given") return void 0;
	const { refreshToken: given, seal } = rotation;
	if (!(given !== void 0 && now.state && accountsFor(seal, now.state, given)) && !isStale(rotation, baseline)) return void 0;
	learnt.givenIsOver = true;
	return { kind: "given-is-over" };
}
/**
* Order, its first two steps: refreshes with the token that counts, and journals the pair (rule 3).
*
* @param keep called before the claim is given up on the way, and if it must not be given up
* @returns `undefined`: go by the state as it is now
*/
async function refreshUnderClaim(holding, keep) {
	const { rotation, now, source, claim, baseline, learnt } = holding;
	const { refreshToken: given, signals, narrator, journal, environment } = rotation;
	const { state } = now;
	const byState = source === "state" && state !== void 0;
	const refreshToken = byState ? state.refreshToken : given;
	if (refreshToken === void 0) throw new Error("without auto-refresh nothing is claimed");
	narrator.info(refreshingWith(byState ? "state" : "given", state !== void 0));
	signals.hold();
	const answerLost = learnt.lost === refreshToken;
	const refreshed = await refresh(rotation, refreshToken, {
		fence: claim.fence,
		answerLost
	});
	if ("fenced" in refreshed) {
		if (refreshed.answerLost) learnt.lost = refreshToken;
		return;
	}
	if ("invalidGrant" in refreshed) {
		if (refreshed.answerLost) learnt.lost = refreshToken;
		await afterInvalidGrant(holding, byState, refreshed, keep);
		return;
	}
	const moment = refreshed.moment ?? {
		date: serverNow(baseline.moment, environment.clock),
		at: environment.clock.monotonic()
	};
	const { access } = refreshed;
	const accounted = byState ? accountedFor(holding, state) : baseline.conflictAfter;
	const issued = {
		refreshToken: refreshed.refreshToken,
		access: access && {
			token: access.token,
			expiresAt: moment.date + access.expiresIn * 1e3,
			refreshedAt: moment.date
		},
		before: state?.refreshToken,
		over: [...new Set([given, state?.refreshToken].filter((token) => token !== void 0))],
		secretUpdatedAt: accounted,
		baseline: accounted
	};
	journal.issuedShared(issued);
	return {
		issued,
		refreshed,
		before: now,
		mayBePublished: false
	};
}
/**
* The last date up to which only rotations are known to have written the secret (rule 4: never over a newer one). It comes
* from the state, and from claims whose holders noted their write. Also, a run that was queued after the last write was
* given what the secret holds now, and the state knows that token.
*/
function accountedFor({ rotation, baseline, list }, state) {
	const { updatedAt, runCreatedAt } = baseline;
	const isSeen = rotation.isFromSecret && runCreatedAt !== void 0 && updatedAt < runCreatedAt;
	const byHolders = accountedByHolders(list.claims, state, updatedAt);
	return Math.max(state.secretUpdatedAt, isSeen ? updatedAt : 0, byHolders);
}
/** The state that follows the one that was read: with the new pair, and with the tokens that are over. */
function nextState({ seal, environment }, { state, moment }, { refreshToken, access, over, secretUpdatedAt }) {
	const now = serverNow(moment, environment.clock);
	return {
		refreshToken,
		access,
		secretUpdatedAt,
		over: over.reduce((list, token) => list.with(fingerprintOf(seal.secrets, token), now), state?.over ?? OverTokens.none)
	};
}
/**
* How often Box may answer with a refresh token but no usable access token. That happens if it repeats answers that were
* lost long ago, one for each job lost with its answer. More often than this is a failure.
*/
const mostWithoutAccess = 3;
/** The age at which a look at the secret is too old to be used, in milliseconds: publishing may take long. */
const freshMs = 5e3;
/**
* Rule 4: before the PUT, the secret's baseline is checked. The check runs while the state is being published, which does
* not depend on it.
*
* @returns `fresh` gives the look as long as it is recent; `end` aborts it
*/
function checkSecret({ rotation, claim, baseline }, { baseline: conflictAfter }) {
	const { clock } = rotation.environment;
	const askedAt = clock.monotonic();
	const budget = new RetryBudget(rotation.environment, rotation.retryFor, claim.fence);
	const look = check({
		...rotation,
		aboutToWrite: () => {}
	}, {
		...baseline,
		conflictAfter
	}, budget);
	look.catch(() => {});
	const fresh = () => {
		if (clock.monotonic() - askedAt <= freshMs) return look;
		budget.end();
	};
	return {
		fresh,
		end: () => budget.end()
	};
}
/**
* On `invalid_grant`: read the state again, for as long as a read may be old (rule 8); if it moved, adopt it. If there was
* an earlier claim for this token, its holder or that holder's `post` may still publish: wait for that, up to `retry-for`.
* Only then is it a failure. A given token that is refused while the state opens is noted as over: go by the state.
*/
async function afterInvalidGrant(holding, byState, refused, keep) {
	const { rotation, claim, baseline, learnt, mayHaveSpent, now: before } = holding;
	const { environment, retryFor, narrator, refreshToken: given, seal } = rotation;
	const budget = new RetryBudget(environment, retryFor);
	const moved = async () => hasMoved(rotation, before, await readState(rotation, budget));
	if (!byState && before.state && given !== void 0) {
		if (await moved()) return;
		narrator.info("Box does not accept the refresh token given to this job: using the shared state instead.");
		learnt.givenIsOver = true;
		const now = serverNow(before.moment, environment.clock);
		const isUsable = (before.state.access?.expiresAt ?? 0) > now + rotation.minimumValidity * 6e4;
		const over = before.state.over.with(fingerprintOf(seal.secrets, given), now);
		if (isUsable && await noteRefused(rotation, claim, before, {
			...before.state,
			over
		})) {
			keep();
			learnt.lastClaim = void 0;
			rotation.journal.unclaimed();
			rotation.signals.release();
		}
		return;
	}
	keep();
	await leave(holding, learnt, rotation, "given-up", holding);
	rotation.journal.unclaimed();
	rotation.signals.release();
	if (mayHaveSpent) narrator.waiting("An earlier job claimed this token and may still publish what it got: waiting for that.");
	const patience = new Patience(environment, retryFor, mayHaveSpent ? retryFor * 1e3 : stalenessMs);
	do
		if (await moved()) return;
	while (await patience.pause());
	throw await invalidGrant(rotation, baseline, refused, byState && before.state ? accountedFor(holding, before.state) : void 0);
}
/**
* Notes in the state that a given token is over, so that no other job has to try it. It is not essential.
*
* @returns whether a note may still arrive, even if another one has
*/
async function noteRefused(rotation, claim, before, noted) {
	const retryFor = Math.min(rotation.retryFor, noteSeconds);
	const doubt = { mayBePublished: false };
	try {
		if (await publish({
			...rotation,
			retryFor
		}, claim, before, noted, doubt) === "published") return doubt.mayBePublished;
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
	}
	rotation.narrator.info("GitHub: the shared state could not be updated to say that Box does not accept this token.");
	return doubt.mayBePublished;
}
/** Order, the rest: store the secret and its copies, then hand out. Rule 2: only now, because the pair is published. */
async function afterPublishing(holding, state, { issued, refreshed }, firstLook) {
	const { rotation, claim, baseline, now, learnt } = holding;
	const { secret, journal } = rotation;
	let secretWrittenAt;
	const cleanUp = async () => {
		await Promise.all([markDone(rotation, claim, githubNow(rotation, now), secretWrittenAt), tidy(holding, [now.state?.refreshToken, state.refreshToken])]);
		journal.unclaimed();
	};
	try {
		const copied = await storePublished(rotation, claim, {
			...baseline,
			conflictAfter: issued.baseline
		}, now, state.refreshToken, () => journal.aboutToStore(), firstLook);
		({writtenAt: secretWrittenAt} = copied);
		if (copied.kind === "not-stored") throw copyBehindState(rotation, secret.title, copied.problem);
		journal.claimed({
			...claim,
			secretWrittenAt
		});
		journal.settled();
		const tokens = {
			refreshToken: refreshed.refreshToken,
			accessToken: refreshed.access?.token
		};
		const key = copied.kind === "stored" ? copied.key : baseline.key;
		const copies = await storeCopies({
			...rotation,
			fence: claim.fence
		}, baseline, key, tokens);
		if (!state.access) {
			learnt.withoutAccess += 1;
			learnt.spent = publishedSoFar(rotation);
			if (learnt.withoutAccess > mostWithoutAccess) throw storedWithoutAccess({
				...subjectOf(rotation),
				storedIn: titleOf(rotation)
			}, refreshed.problem);
			rotation.narrator.info(`Box: its answer has no usable access token (${refreshed.problem}); refreshing once more with the new refresh token.`);
			await cleanUp();
			return;
		}
		const { token, expiresAt, refreshedAt } = state.access;
		if (expiresAt - refreshedAt < rotation.minimumValidity * 6e4) rotation.narrator.warning(shorterThanAsked(expiresAt, rotation.minimumValidity));
		const inSecret = copied.kind === "stored" ? [secret.title] : [];
		const further = copies.filter(({ holds }) => holds === "refresh-token").map((copy) => copy.secret.title);
		return {
			accessToken: token,
			expiresAt,
			refreshTokenExpiresAt: refreshedAt + refreshTokenLifetimeMs,
			moment: refreshed.moment ?? baseline.moment,
			storedIn: [
				titleOf(rotation),
				...inSecret,
				...further
			],
			refreshed: true,
			cleanUp
		};
	} catch (error) {
		if (error instanceof Failure) await cleanUp();
		throw error;
	}
}
// src/sharing/share.ts
/**
* Sharing one token between jobs: any number of jobs share one pair through an Actions variable, the state, which is the
* authority; the secret is its copy. The files of this folder follow the steps of the protocol:
*
* - "State": `state.ts`
* - "Which refresh token?" and "Good for `minimum-validity`?": here
* - "Otherwise claim, then refresh", "Claims stay", "Epochs are climbed" and "Those who wait": `claiming.ts`, `claim.ts`
* - "Whoever holds the claim", "Fence", "Order" and "On `invalid_grant`": `under-claim.ts`, `publish.ts`
* - "`post` of a dead holder": `finish.ts`
* - "`login` and `recover`": `replace.ts`
*/
/** `Date` headers are whole seconds. */
const dateRoundingMs = 999;
/** The pause between two looks at a state that may or may not be valid for long enough, in milliseconds. */
const shortestPollMs = 1e3;
/**
* Gives a valid shared token: the one that is there, or a new one. Each step returns the next one.
*
* @param rejected an access token that Box does not accept, whatever the state says
* @throws Failure with one of the codes; then nothing is handed out
*/
async function share(rotation, rejected) {
	const learnt = {
		givenIsOver: false,
		newest: void 0,
		inHand: void 0,
		lastClaim: void 0,
		withoutAccess: 0,
		lost: void 0,
		spent: void 0,
		warned: false
	};
	const job = {
		rotation,
		learnt,
		rejected,
		patience: new Patience(rotation.environment, rotation.retryFor)
	};
	try {
		for (let step = { at: "look" };;) {
			if (step.at === "end") return step.pair;
			if (rotation.signals.interrupted.aborted && !learnt.inHand) throw new Cancelled(spentSoFar(learnt));
			if (step.at === "look") step = await look(job, step.view);
			else if (step.at === "claim") step = await claimFirst(job, step.view, step.source);
			else {
				const pair = await underClaim(rotation, step, learnt);
				step = pair ? {
					at: "end",
					pair
				} : { at: "look" };
			}
		}
	} catch (error) {
		throw asFailure(rotation, learnt, error);
	} finally {
		rotation.signals.release();
	}
}
/** Looks at the state: hands out a token that is valid for long enough, or finds out which refresh token counts. */
async function look(job, seen) {
	const { rotation, learnt, rejected, patience } = job;
	const { environment, retryFor, autoRefresh } = rotation;
	const budget = new RetryBudget(environment, retryFor);
	const view = newerOf(rotation, learnt.newest, seen ?? await readState(rotation, budget));
	learnt.newest = view;
	warnOnce(rotation, view, learnt);
	settleInHand(rotation, view, learnt);
	if (learnt.inHand) return {
		at: "claim",
		view,
		source: "state"
	};
	const source = await sourceOf(rotation, view, learnt, budget);
	if (source === "look-again") return { at: "look" };
	if (source === "state") {
		const pair = reusable(rotation, view, rejected);
		if (pair === "unsure") {
			await environment.clock.sleep(shortestPollMs * (1 + environment.random()));
			return { at: "look" };
		}
		if (pair) return {
			at: "end",
			pair
		};
	}
	if (autoRefresh) return {
		at: "claim",
		view,
		source
	};
	if (await patience.pause()) return { at: "look" };
	const isUnreadable = view.text !== void 0 && !view.state;
	throw refreshDisabled(rotation, whyNotGood(rotation, view, rejected), isUnreadable);
}
/** Rule 9: a pair in hand that has been superseded is not thrown away; the journal prints it as recovery text. */
function settleInHand(rotation, view, learnt) {
	const { inHand } = learnt;
	if (!inHand || !hasMoved(rotation, inHand.before, view)) return;
	if (view.state?.refreshToken === inHand.issued.refreshToken) rotation.journal.published();
	else {
		rotation.narrator.info("The shared state now holds a newer pair: this job uses that one.");
		rotation.journal.superseded();
	}
	learnt.inHand = void 0;
	learnt.spent = supersededSoFar(rotation);
}
/** Otherwise claim, then refresh: takes the right to refresh, or goes back to the state. */
async function claimFirst({ rotation, learnt }, view, source) {
	const claiming = await takeClaim(rotation, view, {
		announce: (claim) => rotation.journal.claimed(claim),
		own: learnt.lastClaim
	});
	if (claiming.kind === "held") {
		const { claim, mayHaveSpent } = claiming;
		learnt.lastClaim = {
			...claim,
			mayHaveSpent
		};
		return {
			at: "refresh",
			view,
			source,
			claim,
			mayHaveSpent
		};
	}
	rotation.journal.unclaimed();
	return {
		at: "look",
		view: claiming.kind === "changed" ? claiming.view : void 0
	};
}
/** Any error as a failure that says what this job has spent so far. */
function asFailure(rotation, learnt, error) {
	const { retryFor } = rotation;
	const subject = subjectOf(rotation);
	if (learnt.inHand) {
		if (error instanceof GitHubUnavailable) return notPublished(rotation, retryFor, describeGitHub(subject, error.last));
		if (error instanceof Failure && error.code !== "secret-not-written") return notPublished(rotation, retryFor, error.what.replace(/\.$/, ""));
	}
	const failure = error instanceof GitHubUnavailable ? githubUnavailable(subject, error) : error;
	if (!(failure instanceof Failure) || failure.spent !== "Nothing was used or written: the stored refresh token still works.") return failure;
	return new Failure(failure.code, {
		what: failure.what,
		spent: spentSoFar(learnt),
		next: failure.next
	});
}
/** What this job has spent, if it has no pair in hand. */
function spentSoFar({ spent, lost }) {
	return spent ?? (lost === void 0 ? "Nothing was used or written: the stored refresh token still works." : perhapsSpent);
}
function warnOnce(rotation, { text, state }, learnt) {
	if (text === void 0 || state || learnt.warned) return;
	learnt.warned = true;
	rotation.narrator.warning(putAside(rotation));
}
/**
* Which refresh token? The given one equals the state's, or is among the spent and superseded ones: go by the state.
* Otherwise it comes from a new sign-in and wins, unless the guard shows it stale.
*/
async function sourceOf(rotation, { state }, learnt, budget) {
	const { refreshToken, seal, autoRefresh } = rotation;
	if (!autoRefresh) return "state";
	if (state) {
		if (refreshToken === void 0 || accountsFor(seal, state, refreshToken) || learnt.givenIsOver) return "state";
		if (!await datesOf(rotation, budget)) return "given";
		learnt.givenIsOver = true;
		return "look-again";
	}
	if (!learnt.givenIsOver) return "given";
	const stale = await datesOf(rotation, budget);
	if (stale) throw queuedBeforeRotation(subjectOf(rotation), stale.updatedAt, stale.runCreatedAt);
	return "given";
}
/** The guard: the dates that show that the given token is stale; `undefined` if they do not. */
async function datesOf(rotation, budget) {
	const { secret, run } = rotation;
	if (secret.place.read !== "when-queued" || run?.attempt !== 1) return void 0;
	const runTime = runBudget(rotation);
	try {
		const [metadata, runCreatedAt] = await Promise.all([secret.metadata(budget), run.createdAt(runTime)]);
		if ("refused" in metadata || runCreatedAt === void 0) return void 0;
		const { updatedAt } = metadata;
		return isStale(rotation, {
			updatedAt,
			runCreatedAt
		}) ? {
			updatedAt,
			runCreatedAt
		} : void 0;
	} finally {
		runTime.end();
	}
}
/**
* Good for `minimum-validity`? The shared token, if it is. GitHub's date is in whole seconds and its answer may have been
* slow, so the time left is known only within bounds (rule 6: time is the servers'). If the limit lies between them,
* the state is looked at again (`unsure`): otherwise one job could hand out what another one is about to end.
*/
function reusable(rotation, { state, moment, askedAt }, rejected) {
	const { environment, narrator, minimumValidity, startedAt } = rotation;
	const access = state?.access;
	if (!access || access.token === rejected) return void 0;
	const { clock } = environment;
	const most = access.expiresAt - serverNow(moment, clock);
	const least = access.expiresAt - serverNow({
		date: moment.date + dateRoundingMs,
		at: askedAt
	}, clock);
	const wanted = minimumValidity * 6e4;
	if (most <= 0) return void 0;
	if (least < wanted) {
		const started = Math.floor((moment.date - (moment.at - startedAt)) / 1e3) * 1e3;
		if (access.refreshedAt < started) return most < wanted ? void 0 : "unsure";
		if (least <= 0) return void 0;
		narrator.warning(shorterThanAsked(access.expiresAt, minimumValidity));
	}
	narrator.info(`The shared access token is valid until ${isoSeconds(access.expiresAt)}: this job hands it out without a refresh.`);
	return {
		accessToken: access.token,
		expiresAt: access.expiresAt,
		refreshTokenExpiresAt: access.refreshedAt + refreshTokenLifetimeMs,
		moment,
		storedIn: [titleOf(rotation)],
		refreshed: false,
		cleanUp: () => Promise.resolve()
	};
}
/** Why the state has no usable token, without a full stop. */
function whyNotGood(rotation, { text, state }, rejected) {
	if (text === void 0) return "there is no such variable, or the token has no access to it";
	if (!state) return "its value cannot be decrypted with this client secret (and `state-key`)";
	if (!state.access) return "its refresh token has not been used yet";
	if (state.access.token === rejected) return "Box does not accept its access token";
	return notGood(state.access.expiresAt, rotation.minimumValidity);
}
// src/box/users.ts
init_json();
const maxBytes = 262144;
/**
* Asks once who an access token belongs to (`GET /2.0/users/me`, Box API reference, "Get current user").
*
* Rule 2: this uses the token. Under some readings of Box's rules, that invalidates the previous pair.
*
* @param boxApiUrl root of Box's API without a final slash
*/
async function currentUser(network, boxApiUrl, accessToken, limit) {
	let response;
	try {
		response = await boundedFetch(network, {
			timeoutMs: limit.timeoutMs,
			signal: limit.signal,
			maxBytes
		})(`${boxApiUrl}/2.0/users/me?fields=id,name,login`, { headers: {
			accept: "application/json",
			authorization: `Bearer ${accessToken}`,
			"user-agent": userAgent
		} });
	} catch (error) {
		if (error instanceof TransportError) return {
			kind: "no-answer",
			error
		};
		throw error;
	}
	let data;
	try {
		data = await response.json();
	} catch {
		data = void 0;
	}
	const { status } = response;
	if (status === 401 || status === 403) {
		const message = isRecord(data) ? data["message"] ?? data["error_description"] : void 0;
		return {
			kind: "refused",
			status,
			message: typeof message === "string" ? message : ""
		};
	}
	if (status === 200 && isRecord(data)) {
		const { id, name, login } = data;
		if (typeof id === "string" && typeof name === "string" && typeof login === "string") return {
			kind: "user",
			user: {
				id,
				name,
				login
			}
		};
	}
	return {
		kind: "passing",
		problem: status === 200 ? "its answer (200) is not a user" : `status ${status}`,
		waitMs: retryAfterMs(response.headers)
	};
}
// src/rotation/verify.ts
/** `verify`: who does the new access token belong to? Rule 2: Box is asked only after the pair is stored. */
/**
* Asks Box who an access token belongs to.
*
* @returns the user, or `undefined` if the token is valid but not allowed to read its user
* @throws Failure if Box rejects the token (`bad-response`) or gives no usable answer (`box-unavailable`)
*/
async function verify(verification, accessToken) {
	const { environment, network, narrator, retryFor, boxApiUrl, subject } = verification;
	const budget = new RetryBudget(environment, retryFor);
	for (;;) {
		const answer = await currentUser(network, boxApiUrl, accessToken, budget);
		if (answer.kind === "user") return answer.user;
		if (answer.kind === "refused") {
			const words = narrator.foreign(answer.message);
			const problem = `status ${answer.status}${words === "" ? "" : ` ("${words}")`}`;
			if (answer.status === 401) throw rejectedToken(subject, problem);
			narrator.warning(`Box accepts the new access token, but does not let the app read its user (${problem}).`);
			return;
		}
		if (!await budget.pause(answer.kind === "passing" ? answer.waitMs : void 0)) throw notVerified(subject, problemOf(answer));
	}
}
function problemOf(answer) {
	return answer.kind === "passing" ? answer.problem : answer.error.message;
}
// src/action/main-step.ts
/** The main step: inputs in, one rotation, outputs out. */
/** If Box keeps rejecting the shared token, another refresh won't help. */
const mostRejections = 3;
/**
* Runs the action's main step.
*
* @returns the exit code: 0, or 1 after a failure that has been reported
*/
async function runMain(world) {
	const report = new Report(world.runner);
	for (const name of secretInputs) report.mask(world.getInput(name));
	for (const secret of world.proxySecrets) report.mask(secret);
	const summaryFile = world.variables["GITHUB_STEP_SUMMARY"];
	let inputs;
	let progress = nothingSpent;
	let journal;
	try {
		if (!world.canWrite("GITHUB_OUTPUT")) throw notInAWorkflow("GITHUB_OUTPUT");
		if (printsTraffic(world.variables)) throw printed();
		const context = await world.context();
		inputs = loadInputs(world.getInput, world.variables, context.trigger);
		if (inputs.exportVariable !== void 0 && !world.canWrite("GITHUB_ENV")) throw notInAWorkflow("GITHUB_ENV");
		for (const problem of world.proxyProblems) report.warning(problem);
		const work = prepare(world, report, inputs, context);
		journal = work.journal;
		progress = "The log above shows how far the run got.";
		for (let rejected, tries = 1;; tries += 1) {
			const pair = await obtain(work, report, rejected);
			progress = pair.refreshed ? `The pair is refreshed and stored in the ${pair.storedIn.join(" and the ")}: nothing is lost.` : "No refresh token was used: the access token is the shared one.";
			try {
				if (world.signals.interrupted.aborted) {
					report.info("This run was cancelled during the refresh. The pair is stored, and nothing is handed out.");
					return 1;
				}
				const result = await use(world, report, inputs, work, pair);
				report.handOut(result);
				if (inputs.summary && summaryFile) await report.summarize(result);
				return 0;
			} catch (error) {
				if (!(error instanceof RejectedToken) || pair.refreshed || tries === mostRejections) throw error;
				report.info(`${error.what} It is treated as expired.`);
				rejected = pair.accessToken;
			} finally {
				await pair.cleanUp();
			}
		}
	} catch (error) {
		if (error instanceof Cancelled) report.info(`This run was cancelled before it had a token. ${error.spent}`);
		else if (error instanceof Failure) {
			report.fail(error);
			if (error.code === "secret-not-written") journal?.reported();
			const recovery = error.code === "secret-not-written" ? journal?.unsavedRecovery : void 0;
			if (recovery !== void 0) report.postFailed("The post step cannot try again: it has no saved state.", recovery, true);
			if (summaryFile && wantsSummary(world)) await report.summarizeFailure(error, journal?.handedOver);
		} else report.failUnexpectedly(error, progress);
		return 1;
	}
}
/** Refreshes this run's own pair, or gets the shared one. */
async function obtain({ rotation, sharing }, report, rejected) {
	const { title } = rotation.secret;
	if (sharing) {
		report.info(`Jobs share the Box token through the ${titleOf(sharing)}, with a copy in the ${title}.`);
		return share(sharing, rejected);
	}
	report.info(`Refreshing the Box token pair. Its refresh token, which works once, is in the ${title}.`);
	return {
		...await rotate(rotation),
		refreshed: true,
		cleanUp: () => Promise.resolve()
	};
}
/** Rule 2: the first use of the new access token. The pair is stored by now. */
async function use(world, report, { boxApiUrl, narrowing, exportVariable, verify: asked }, { rotation }, pair) {
	const { retryFor, box } = rotation;
	const common = {
		environment: world,
		narrator: report,
		retryFor,
		subject: {
			...subjectOf(rotation),
			storedIn: pair.storedIn.join(" and the "),
			reused: !pair.refreshed
		}
	};
	const owner = asked ? await verify({
		...common,
		network: world,
		boxApiUrl
	}, pair.accessToken) : void 0;
	const token = narrowing ? narrowed(await narrow({
		...common,
		box
	}, pair.accessToken, narrowing), pair) : pair;
	const left = (token.expiresAt - serverNow(token.moment, world.clock)) / 1e3;
	return {
		accessToken: token.accessToken,
		expiresAt: token.expiresAt,
		expiresIn: Math.max(0, Math.round(left)),
		refreshed: pair.refreshed,
		refreshTokenExpiresAt: pair.refreshTokenExpiresAt,
		storedIn: pair.storedIn,
		narrowedTo: narrowing,
		exportVariable,
		owner
	};
}
/** Puts the parts of a run together. */
function prepare(world, report, inputs, context) {
	const client = new GitHubClient({
		network: world,
		apiUrl: inputs.githubApiUrl,
		token: inputs.githubToken
	});
	const target = {
		...inputs,
		...inputs.repository
	};
	const secret = secretOf(client, target);
	const journal = new StepJournal({
		save: world.saveState,
		secrets: inputs,
		target: journalTarget(inputs),
		retryFor: inputs.retryFor,
		summary: inputs.summary,
		narrator: report,
		printRecovery: (text) => report.recovery(text)
	});
	const isFromSecret = context.trigger !== "dependabot" || secret.place.read !== "when-queued";
	const rotation = {
		environment: world,
		narrator: report,
		retryFor: inputs.retryFor,
		box: new TokenEndpoint(world, inputs.boxApiUrl, inputs),
		refreshToken: inputs.refreshToken,
		secret,
		copies: copiesOf(inputs, client, secret.place),
		source: !isFromSecret && inputs.organization === void 0 ? new Secret(client, dependabotSecrets(target.owner, target.repo), inputs.secretName) : void 0,
		journal,
		sealingReady,
		signals: world.signals,
		run: workflowRun(context, client),
		startedAt: 0
	};
	const { stateVariable, autoRefresh, minimumValidity, clientId } = inputs;
	if (stateVariable === void 0) return {
		journal,
		rotation,
		sharing: void 0
	};
	const variables = variablesOf(client, target);
	return {
		journal,
		rotation,
		sharing: {
			...rotation,
			refreshToken: inputs.refreshToken || void 0,
			isFromSecret,
			journal,
			variables,
			seal: {
				secrets: inputs,
				clientId,
				place: variables.place,
				name: stateVariable
			},
			autoRefresh,
			minimumValidity
		}
	};
}
/** Whether the author wants a summary. Works even if the other inputs are invalid. */
function wantsSummary({ getInput }) {
	return parseBoolean(getInput("summary") || inputDefaults.summary) ?? true;
}
/** Where the token belongs, for the step that finishes this one's work. */
function journalTarget(inputs) {
	const { clientId, githubApiUrl, environment, organization, secretName, stateVariable } = inputs;
	return {
		...inputs.repository,
		clientId,
		githubApiUrl,
		environment,
		organization,
		secretName,
		stateVariable
	};
}
/** The copies: further secrets that get the new tokens. */
function copiesOf(inputs, client, place) {
	const { secretName, accessTokenSecretName, alsoWriteTo, repository } = inputs;
	const there = alsoWriteTo === "dependabot" ? dependabotSecrets(repository.owner, repository.repo) : void 0;
	const copies = [];
	if (there) copies.push({
		secret: new Secret(client, there, secretName),
		holds: "refresh-token",
		required: false
	});
	if (accessTokenSecretName === void 0) return copies;
	copies.push({
		secret: new Secret(client, place, accessTokenSecretName),
		holds: "access-token",
		required: true
	});
	if (there) copies.push({
		secret: new Secret(client, there, accessTokenSecretName),
		holds: "access-token",
		required: false
	});
	return copies;
}
/** Rule 6: a narrowed token's own expiry, by Box's clock. */
function narrowed({ accessToken, expiresIn, moment }, { moment: issued }) {
	const from = moment ?? issued;
	return {
		accessToken,
		expiresAt: from.date + expiresIn * 1e3,
		moment: from
	};
}
/** This job's run. It may belong to another repository than the secret. */
function workflowRun({ repository, runId, runAttempt }, client) {
	const [owner, repo] = repository.split("/");
	if (!owner || !repo || !Number.isSafeInteger(runId) || runId <= 0) return void 0;
	let known;
	return {
		attempt: runAttempt,
		createdAt: async (budget) => known ??= await readRunCreatedAt(client, {
			owner,
			repo,
			runId
		}, budget)
	};
}
/** Node.js itself would print the tokens, in forms that masks don't cover. */
function printed() {
	const { what, next } = trafficIsPrinted;
	return new Failure("bad-input", {
		what,
		spent: nothingSpent,
		next: `${next}, then start a new run.`
	});
}
/** Without the runner's file, the only way to hand out a token would be to print it. */
function notInAWorkflow(file) {
	return new Failure("bad-input", {
		what: `${file} does not name a writable file: this is not running as a step of a workflow.`,
		spent: nothingSpent,
		next: "Use the action in a workflow, with `uses:`. To try it here, run `npm run demo`, which uses a sandbox."
	});
}
// src/ending.ts
/** How a process ends when its work is done. */
/** Milliseconds for a process to end by itself. */
const graceMs = 500;
/**
* Ends a process that something still keeps alive, after everything it printed is flushed. If a proxy refused a tunnel or
* never made one, Node.js leaves the connection to it open, where nobody can close it, and waits for as long as the proxy.
*
* Call it when nothing is left to do. A process that nothing keeps alive ends at once, by itself.
*/
function endSoon(target) {
	target.stdout.write("", () => target.stderr.write("", () => {
		setTimeout(() => target.exit(), graceMs).unref();
	}));
}
// src/action/event-file.ts
/** The file in which the runner describes the event that started the run. */
init_json();
/**
* Removes `GITHUB_EVENT_PATH` from the environment if its file holds no JSON object: `@actions/github` would throw, with
* the file's content in the message. The event only helps to name a failure, so a run can do without it.
*
* @param environment the process's own
*/
function withoutBrokenEvent(environment) {
	const path = environment["GITHUB_EVENT_PATH"];
	if (!path) return;
	let event;
	try {
		event = JSON.parse((0,external_node_fs_namespaceObject.readFileSync)(path, "utf8"));
	} catch {
		event = void 0;
	}
	if (!isRecord(event)) delete environment["GITHUB_EVENT_PATH"];
}
// src/http/node-fetch.ts
/** Milliseconds until a connection must be established, including TLS and a proxy's tunnel. */
const connectTimeoutMs = 1e4;
/** Statuses whose answers have no body, whatever is sent with them. */
const bodiless = /* @__PURE__ */ new Set([
	204,
	205,
	304
]);
/** There was no connection in time. */
var ConnectTimeout = class extends Error {
	code = "ERR_CONNECT_TIMEOUT";
};
/**
* Sends one request. Redirects are not followed. The body is as it came, except that `gzip`, the only encoding that is asked
* for, is decoded.
*
* @param input an address, http: or https:
* @param init method, headers, signal, and a body of text or form fields
* @throws NotConnected if the request was never sent
* @throws Error with the `code` of Node's HTTP client
*/
const nodeFetch = async (input, init = {}) => {
	if (typeof input !== "string" && !(input instanceof URL)) throw new TypeError("no address");
	const url = new URL(input);
	const { body } = init;
	if (body !== void 0 && body !== null && typeof body !== "string" && !(body instanceof URLSearchParams)) throw new TypeError("no body of text or form fields");
	const options = {
		method: init.method ?? "GET",
		headers: {
			"accept-encoding": "gzip",
			...headersOf(init.headers)
		},
		...init.signal ? { signal: init.signal } : {},
		rejectUnauthorized: true
	};
	const { request } = url.protocol === "https:" ? await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 708, 19)) : await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 67, 19));
	if (init.signal?.aborted) throw new NotConnected(init.signal.reason);
	const answer = await answerTo(request(url, options), body?.toString(), init.signal ?? void 0);
	const status = answer.statusCode ?? 0;
	try {
		if (bodiless.has(status)) answer.resume();
		const content = bodiless.has(status) ? null : await contentOf(answer);
		return new Response(content, {
			status,
			headers: pairsIn(answer.rawHeaders)
		});
	} catch (error) {
		answer.destroy();
		throw error;
	}
};
async function answerTo(request, body, signal) {
	let giveUp = () => {};
	let connecting;
	let isConnected = false;
	const connected = () => {
		isConnected = true;
		clearTimeout(connecting);
	};
	request.once("socket", (socket) => {
		if (isSecure(socket) ? socket.getFinished() !== void 0 : !socket.connecting) connected();
		else socket.once(isSecure(socket) ? "secureConnect" : "connect", connected);
	});
	try {
		return await new Promise((resolve, reject) => {
			const fail = (error) => reject(isConnected ? error : new NotConnected(error));
			giveUp = () => fail(signal?.reason);
			signal?.addEventListener("abort", giveUp);
			connecting = setTimeout(() => {
				const error = new ConnectTimeout("no connection");
				request.destroy(error);
				fail(error);
			}, connectTimeoutMs);
			request.once("response", resolve);
			request.on("error", fail);
			request.once("close", () => fail(/* @__PURE__ */ new Error("the connection was closed")));
			request.once("finish", () => Response);
			request.end(body);
		});
	} finally {
		clearTimeout(connecting);
		signal?.removeEventListener("abort", giveUp);
	}
}
function isSecure(socket) {
	return "encrypted" in socket;
}
/** The decoded body of an answer. */
async function contentOf(answer) {
	if (!/^(?:x-)?gzip$/i.test(answer.headers["content-encoding"] ?? "")) return answer;
	const { constants, createGunzip } = await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 522, 19));
	const unpacked = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
	return (0,external_node_stream_namespaceObject.pipeline)(answer, unpacked, () => {});
}
/** Without `Headers`, which Node.js loads at its first use: that would delay the request. */
function headersOf(headers = {}) {
	const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
	return Object.fromEntries([...pairs].map(([name = "", value = ""]) => [name, value]));
}
/** Pairs, from a list of alternating names and values. */
function pairsIn(raw) {
	const pairs = [];
	for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? "", raw[index + 1] ?? ""]);
	return pairs;
}
// src/http/proxy.ts
/** A shorter mask would tear holes into everything that is printed, and hide nothing. */
const shortestSecret = 4;
/** Servers on loopback, the only ones that plain http is for, are on this machine, not on the proxy's. */
const loopback = "localhost,*.localhost,127.0.0.1,127.0.0.1-127.255.255.255,::1,[::1]";
/**
* Sends the requests of this process through the proxy that the environment names: `https_proxy`, or else `http_proxy`,
* and `no_proxy`, in lower or upper case (lower case wins). Everything that is not on loopback is https:, so there is one
* proxy for everything.
*
* @param environment the process's own: what Node.js can't parse is removed from it
*/
function useProxies(environment) {
	const settings = {
		proxies: [],
		secrets: [],
		problems: []
	};
	let used;
	for (const name of ["https_proxy", "http_proxy"]) for (const spelling of [name, name.toUpperCase()]) {
		const value = environment[spelling]?.trim();
		if (!value) continue;
		settings.secrets.push(...credentialsIn(value));
		const address = parseProxy(value);
		if (address) used ??= address;
		else {
			settings.problems.push(`${spelling} is not the http:// or https:// address of a proxy, and is ignored.`);
			delete environment[spelling];
		}
	}
	if (!used) return settings;
	settings.proxies.push(`${used.hostname}:${used.port || (used.protocol === "https:" ? "443" : "80")}`);
	const none = environment["no_proxy"]?.trim() || environment["NO_PROXY"]?.trim() || "";
	const node = process;
	const set = (node.getBuiltinModule?.("node:http"))?.setGlobalProxyFromEnv;
	if (set) set({
		http_proxy: used.href,
		https_proxy: used.href,
		no_proxy: none === "*" ? none : [none, loopback].filter(Boolean).join(",")
	});
	else if (!node.getBuiltinModule?.("node:https").globalAgent.options.proxyEnv) settings.problems.push(`This version of Node.js (${process.versions.node}) does not use proxies by itself. Use 24.14 or later (on a runner: update the runner), or set NODE_USE_ENV_PROXY=1 if this version supports it.`);
	return settings;
}
/** An address, whose credentials must be decodable. The scheme may be missing, as with curl. */
function parseProxy(value) {
	const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
	const url = URL.canParse(address) ? new URL(address) : void 0;
	if (!url || !/^https?:$/.test(url.protocol) || url.hostname === "") return void 0;
	return decoded(url.username) !== void 0 && decoded(url.password) !== void 0 ? url : void 0;
}
/** User name and password, even in an invalid address: everything before the last `@`. */
function credentialsIn(value) {
	const userInfo = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(.*)@/i.exec(value)?.[1];
	if (userInfo === void 0) return [];
	const password = userInfo.slice(userInfo.indexOf(":") + 1);
	return [.../* @__PURE__ */ new Set([
		userInfo,
		password,
		decoded(password) ?? ""
	])].filter((secret) => secret.length >= shortestSecret);
}
function decoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return;
	}
}
// node_modules/@actions/github/lib/context.js
var Context;
var init_context = __esmMin((() => {
	Context = class {
		/**
		* Hydrate the context from the environment
		*/
		constructor() {
			var _a, _b, _c;
			this.payload = {};
			if (process.env.GITHUB_EVENT_PATH) {
				if ((0,external_fs_namespaceObject.existsSync)(process.env.GITHUB_EVENT_PATH)) this.payload = JSON.parse((0,external_fs_namespaceObject.readFileSync)(process.env.GITHUB_EVENT_PATH, { encoding: "utf8" }));
				else {
					const path = process.env.GITHUB_EVENT_PATH;
					process.stdout.write(`GITHUB_EVENT_PATH ${path} does not exist${external_os_namespaceObject.EOL}`);
				}
			}
			this.eventName = process.env.GITHUB_EVENT_NAME;
			this.sha = process.env.GITHUB_SHA;
			this.ref = process.env.GITHUB_REF;
			this.workflow = process.env.GITHUB_WORKFLOW;
			this.action = process.env.GITHUB_ACTION;
			this.actor = process.env.GITHUB_ACTOR;
			this.job = process.env.GITHUB_JOB;
			this.runAttempt = parseInt(process.env.GITHUB_RUN_ATTEMPT, 10);
			this.runNumber = parseInt(process.env.GITHUB_RUN_NUMBER, 10);
			this.runId = parseInt(process.env.GITHUB_RUN_ID, 10);
			this.apiUrl = (_a = process.env.GITHUB_API_URL) !== null && _a !== void 0 ? _a : `https://api.github.com`;
			this.serverUrl = (_b = process.env.GITHUB_SERVER_URL) !== null && _b !== void 0 ? _b : `https://github.com`;
			this.graphqlUrl = (_c = process.env.GITHUB_GRAPHQL_URL) !== null && _c !== void 0 ? _c : `https://api.github.com/graphql`;
		}
		get issue() {
			const payload = this.payload;
			return Object.assign(Object.assign({}, this.repo), { number: (payload.issue || payload.pull_request || payload).number });
		}
		get repo() {
			if (process.env.GITHUB_REPOSITORY) {
				const [owner, repo] = process.env.GITHUB_REPOSITORY.split("/");
				return {
					owner,
					repo
				};
			}
			if (this.payload.repository) return {
				owner: this.payload.repository.owner.login,
				repo: this.payload.repository.name
			};
			throw new Error("context.repo requires a GITHUB_REPOSITORY environment variable like 'owner/repo'");
		}
	};
}));
// node_modules/@actions/github/lib/github.js
var context;
var init_github = __esmMin((() => {
	init_context();
	context = new Context();
}));
// src/action/workflow-context.ts
var workflow_context_exports = /* @__PURE__ */ __exportAll({ workflowContext: () => workflowContext });
/** Reads the context of this process from its environment variables and the event file. */
function workflowContext(environment) {
	const { runId, runAttempt } = context;
	const repository = environment["GITHUB_REPOSITORY"] ?? "";
	return {
		repository,
		runId,
		runAttempt,
		trigger: triggerOf(repository)
	};
}
/** GitHub Docs: "Events that trigger workflows" (pull requests from forks), "Automating Dependabot with GitHub Actions". */
function triggerOf(repository) {
	if (context.actor === "dependabot[bot]") return "dependabot";
	const event = context.eventName;
	if (typeof event !== "string" || !event.startsWith("pull_request") || event === "pull_request_target") return void 0;
	const pull = context.payload.pull_request;
	const head = isRecord(pull) ? pull["head"] : void 0;
	if (!isRecord(head)) return void 0;
	return (isRecord(head["repo"]) ? head["repo"]["full_name"] : null) === repository ? void 0 : "fork";
}
var init_workflow_context = __esmMin((() => {
	init_github();
	init_json();
}));
// src/action/main.ts
/** Entry of the main step. Only wiring. */
const unchecked = keepCertificatesChecked(process.env);
const { proxies, secrets, problems } = useProxies(process.env);
process.exitCode = 1;
run();
async function run() {
	process.exitCode = await runMain({
		runner: {
			error,
			exportVariable,
			info,
			setOutput,
			setSecret,
			summary,
			warning
		},
		getInput: (name) => getInput(name),
		context: async () => {
			withoutBrokenEvent(process.env);
			return (await Promise.resolve().then(() => (init_workflow_context(), workflow_context_exports))).workflowContext(process.env);
		},
		variables: process.env,
		fetch: nodeFetch,
		proxies,
		proxySecrets: secrets,
		proxyProblems: [...problems, ...unchecked === void 0 ? [] : [unchecked]],
		clock: systemClock,
		random: Math.random,
		signals: processSignals(process),
		saveState: (name, value) => saveState(name, value),
		canWrite: (name) => isWritable(process.env[name])
	});
	endSoon(process);
}
function isWritable(file) {
	if (!file) return false;
	try {
		(0,external_node_fs_namespaceObject.accessSync)(file, external_node_fs_namespaceObject.constants.W_OK);
		return true;
	} catch {
		return false;
	}
}


