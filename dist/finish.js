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

;// CONCATENATED MODULE: external "os"
const external_os_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("os");
;// CONCATENATED MODULE: external "crypto"
const external_crypto_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("crypto");
;// CONCATENATED MODULE: external "fs"
const external_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");
;// CONCATENATED MODULE: external "node:stream"
const external_node_stream_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream");
;// CONCATENATED MODULE: ./lib/finish.js






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
* Gets the value of an state set by this action's main execution.
*
* @param     name     name of the state to get
* @returns   string
*/
function getState(name) {
	return process.env[`STATE_${name}`] || "";
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
// src/http/exchange.ts
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
	return decoded$1(url.username) !== void 0 && decoded$1(url.password) !== void 0 ? url : void 0;
}
/** User name and password, even in an invalid address: everything before the last `@`. */
function credentialsIn(value) {
	const userInfo = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(.*)@/i.exec(value)?.[1];
	if (userInfo === void 0) return [];
	const password = userInfo.slice(userInfo.indexOf(":") + 1);
	return [.../* @__PURE__ */ new Set([
		userInfo,
		password,
		decoded$1(password) ?? ""
	])].filter((secret) => secret.length >= shortestSecret);
}
function decoded$1(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return;
	}
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
/** The sentence for every failure before Box was asked. */
const nothingSpent = "Nothing was used or written: the stored refresh token still works.";
if (typeof navigator === "undefined" || !navigator.userAgent?.startsWith?.("Mozilla/5.0 "));
new TextEncoder();
new TextDecoder();
if (Uint8Array.prototype.toBase64);
if (Uint8Array.fromBase64);
URL.parse;
// src/json.ts
/** Whether a value from outside is an object with named properties. */
function isRecord(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
// node_modules/universal-user-agent/index.js
function getUserAgent() {
	if (typeof navigator === "object" && "userAgent" in navigator) return navigator.userAgent;
	if (typeof process === "object" && process.version !== void 0) return `Node.js/${process.version.substr(1)} (${process.platform}; ${process.arch})`;
	return "<environment undetectable>";
}
// node_modules/@octokit/endpoint/dist-bundle/index.js
var DEFAULTS = {
	method: "GET",
	baseUrl: "https://api.github.com",
	headers: {
		accept: "application/vnd.github.v3+json",
		"user-agent": `octokit-endpoint.js/0.0.0-development ${getUserAgent()}`
	},
	mediaType: { format: "" }
};
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
var urlVariableRegex = /\{[^{}}]+\}/g;
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
var endpoint = withDefaults$1(null, DEFAULTS);
// node_modules/content-type/dist/index.js
/*!
* content-type
* Copyright(c) 2015 Douglas Christopher Wilson
* MIT Licensed
*/
const SP = 32;
const HTAB = 9;
const SEMI = 59;
const EQ = 61;
const DQUOTE = 34;
const BSLASH = 92;
const COMMA = 44;
const LOWER_CASE = 1;
const OWS = 2;
const SEMI_FLAG = 4;
const COMMA_FLAG = 8;
const TOKEN_FLAG = 16;
const NON_ASCII = 65280;
const CASE_FLAGS = 65281;
/**
* Character flags used to normalize HTTP field values while scanning.
* Out-of-range reads intentionally coerce to zero in bitwise expressions.
*/
const CHAR_MAP = /* @__PURE__ */ new Uint8Array(256);
CHAR_MAP[HTAB] |= OWS;
CHAR_MAP[SP] |= OWS;
CHAR_MAP[SEMI] |= SEMI_FLAG;
CHAR_MAP[COMMA] |= COMMA_FLAG;
for (let code = 128; code <= 255; code++) CHAR_MAP[code] |= LOWER_CASE;
for (const char of "!#$%&'*+-.^_`|~") CHAR_MAP[char.charCodeAt(0)] |= TOKEN_FLAG;
for (let code = 48; code <= 57; code++) CHAR_MAP[code] |= TOKEN_FLAG;
for (let code = 65; code <= 90; code++) CHAR_MAP[code] |= 17;
for (let code = 97; code <= 122; code++) CHAR_MAP[code] |= TOKEN_FLAG;
/**
* Null object perf optimization. Faster than `Object.create(null)` and `{ __proto__: null }`.
*/
const NullObject = /* @__PURE__ */ (() => {
	const C = function() {};
	C.prototype = Object.create(null);
	return C;
})();
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
// node_modules/json-with-bigint/json-with-bigint.js
const intRegex = /^-?\d+$/;
const noiseValue = /^-?\d+n+$/;
const originalStringify = JSON.stringify;
const originalParse = JSON.parse;
const customFormat = /^-?\d+n$/;
const bigIntsStringify = /([\[:])?"(-?\d+)n"($|\s*[,\}\]])/g;
const noiseStringify = /([\[:])?("-?\d+n+)n("$|"\s*[,\}\]])/g;
/**
* @typedef {(this: any, key: string | number | undefined, value: any) => any} Replacer
* @typedef {(key: string | number | undefined, value: any, context?: { source: string }) => any} Reviver
*/
/**
* Checks if a value is unstringifiable according to native JSON.stringify rules.
*
* @param {any} val The value to check.
* @returns {boolean} True if the value is undefined, a function, or a symbol.
*/
const isUnstringifiable = (val) => val === void 0 || typeof val === "function" || typeof val === "symbol";
/**
* Checks if a value is a native JSON.rawJSON object (Node.js 22+).
*
* @param {any} val The value to check.
* @returns {boolean} True if the value is a RawJSON instance.
*/
const isRawJSON = (val) => val !== null && typeof val === "object" && val.constructor && val.constructor.name === "RawJSON";
/**
* Iteratively converts a JS value to a JSON string.
* Used as a fallback when the native JSON.stringify hits the Maximum Call Stack size.
* Fully compliant with JSON formatting (space), replacers, and toJSON behaviors.
*
* @param {any} rootValue The value to stringify.
* @param {Replacer | Array<string | number> | null} [replacer] User's custom replacer function.
* @param {string | number} [spaceParam] Indentation for pretty-printing.
* @returns {string | undefined} The generated JSON string.
*/
const stringifyIteratively = (rootValue, replacer, spaceParam) => {
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
/**
* Converts a JavaScript value to a JSON string.
*
* Supports serialization of BigInt values using two strategies:
* 1. Custom format "123n" \u2192 "123" (universal fallback)
* 2. Native JSON.rawJSON() (Node.js 22+, fastest) when available
*
* All other values are serialized exactly like native JSON.stringify().
*
* @param {*} value The value to convert to a JSON string.
* @param {Replacer | Array<string | number> | null} [replacer]
* A function that alters the behavior of the stringification process,
* or an array of strings/numbers to indicate properties to exclude.
* @param {string | number} [space]
* A string or number to specify indentation or pretty-printing.
* @returns {string} The JSON string representation.
*/
const JSONStringify = (value, replacer, space) => {
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
const featureCache = /* @__PURE__ */ new Map();
/**
* Detects if the current JSON.parse implementation supports the context.source feature.
*
* Uses toString() fingerprinting to cache results and automatically detect runtime
* replacements of JSON.parse (polyfills, mocks, etc.).
*
* @returns {boolean} true if context.source is supported, false otherwise.
*/
const isContextSourceSupported = () => {
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
/**
* Reviver function that converts custom-format BigInt strings back to BigInt values.
* Also handles "noise" strings that accidentally match the BigInt format.
*
* @param {string | number | undefined} key The object key.
* @param {*} value The value being parsed.
* @param {object} [context] Parse context (if supported by JSON.parse).
* @param {Reviver} [userReviver] User's custom reviver function.
* @returns {any} The transformed value.
*/
const convertMarkedBigIntsReviver = (key, value, context, userReviver) => {
	if (typeof value === "string" && customFormat.test(value)) return BigInt(value.slice(0, -1));
	if (typeof value === "string" && noiseValue.test(value)) return value.slice(0, -1);
	if (!(typeof userReviver === "function")) return value;
	return userReviver(key, value, context);
};
/**
* Fast JSON.parse implementation (~2x faster than classic fallback).
* Uses JSON.parse's context.source feature to detect integers and convert
* large numbers directly to BigInt without string manipulation.
*
* Does not support legacy custom format from v1 of this library.
*
* @param {string} text JSON string to parse.
* @param {Reviver} [reviver] Transform function to apply to each value.
* @returns {any} Parsed JavaScript value.
*/
const JSONParseV2 = (text, reviver) => {
	return JSON.parse(text, (key, value, context) => {
		const isBigNumber = typeof value === "number" && (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER);
		const isInt = context && intRegex.test(context.source);
		if (isBigNumber && isInt) return BigInt(context.source);
		if (!(typeof reviver === "function")) return value;
		return reviver(key, value, context);
	});
};
const MAX_INT = Number.MAX_SAFE_INTEGER.toString();
const MAX_DIGITS = MAX_INT.length;
const stringsOrLargeNumbers = /"(?:[^"\\]|\\.)*"|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/g;
const noiseValueWithQuotes = /^"-?\d+n+"$/;
/**
* Iteratively traverses the parsed object bottom-up (post-order),
* emulating the native JSON.parse reviver behavior.
* This avoids Call Stack overflows (RangeError) on deeply nested structures.
*
* @param {any} parsed The natively parsed JSON object.
* @param {Reviver} [userReviver] User's custom reviver function.
* @returns {any} The fully processed object.
*/
const applyReviverIteratively = (parsed, userReviver) => {
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
/**
* Pre-processes the JSON string to mark large numbers with an 'n' suffix.
*
* @param {string} text The raw JSON string.
* @returns {string} The serialized string with marked BigInts.
*/
const serializeBigInts = (text) => {
	return text.replace(stringsOrLargeNumbers, (match, digits, fractional, exponential) => {
		const isString = match[0] === "\"";
		if (isString && noiseValueWithQuotes.test(match)) return match.substring(0, match.length - 1) + "n\"";
		const hasFractionalOrExponential = fractional || exponential;
		const isLessThanMaxSafeInt = digits && (digits.length < MAX_DIGITS || digits.length === MAX_DIGITS && digits <= MAX_INT);
		if (isString || hasFractionalOrExponential || isLessThanMaxSafeInt) return match;
		return "\"" + match + "n\"";
	});
};
/**
* Converts a JSON string into a JavaScript value.
*
* Supports parsing of large integers using two strategies:
* 1. Classic fallback: Marks large numbers with "123n" format, then converts to BigInt
* 2. Fast path (JSONParseV2): Uses context.source feature (~2x faster) when available
*
* All other JSON values are parsed exactly like native JSON.parse().
*
* @param {string} text A valid JSON string.
* @param {Reviver} [reviver]
* A function that transforms the results. This function is called for each member
* of the object. If a member contains nested objects, the nested objects are
* transformed before the parent object is.
* @returns {any} The parsed JavaScript value.
* @throws {SyntaxError} If text is not valid JSON.
*/
const JSONParse = (text, reviver) => {
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
// node_modules/@octokit/request-error/dist-src/index.js
var RequestError = class extends Error {
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
// node_modules/@octokit/request/dist-bundle/index.js
var defaults_default = { headers: { "user-agent": `octokit-request.js/10.0.16 ${getUserAgent()}` } };
function isPlainObject(value) {
	if (typeof value !== "object" || value === null) return false;
	if (Object.prototype.toString.call(value) !== "[object Object]") return false;
	const proto = Object.getPrototypeOf(value);
	if (proto === null) return true;
	const Ctor = Object.prototype.hasOwnProperty.call(proto, "constructor") && proto.constructor;
	return typeof Ctor === "function" && Ctor instanceof Ctor && Function.prototype.call(Ctor) === Function.prototype.call(value);
}
var noop = () => "";
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
var request = withDefaults(endpoint, defaults_default);
/* v8 ignore next -- @preserve */
/* v8 ignore else -- @preserve */
// src/names.ts
/** GitHub's own limits: 39 characters for an owner (more for enterprise-managed users), 100 for a name. */
function parseRepository(value) {
	const [, owner, repo] = /^([A-Za-z0-9][A-Za-z0-9_-]{0,99})\/([A-Za-z0-9._-]{1,100})$/.exec(value) ?? [];
	return owner === void 0 || repo === void 0 || repo === "." || repo === ".." ? void 0 : {
		owner,
		repo
	};
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
function decoded(text) {
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
			decoded(text),
			decoded(close)
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
/** The version of the REST API that the routes are written for; GitHub Enterprise Server supports it, too. */
const apiVersion = "2022-11-28";
/** Far more than any answer needs. */
const maxBytes = 2097152;
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
			maxBytes
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
// src/rotation/messages.ts
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
/** The kinds of token that can write secrets. */
const writingTokens = "a fine-grained personal access token or a GitHub App token";
`${signInAgain()}`;
/** A server's own words in brackets, or nothing. */
function quoted(subject, words) {
	const clean = subject.foreign(words);
	return clean === "" ? "" : ` ("${clean}")`;
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
function finish_open(kind, secrets, clientId, text, place = []) {
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
/**
* The state: the pair that jobs share, sealed in an Actions variable. It is the authority, and the secret is its copy. It
* also knows which refresh tokens are over (spent or superseded), so that a job that was given an old token can be told
* from one that was given a token from a new sign-in.
*/
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
	const opened = finish_open("state", sealing.secrets, sealing.clientId, text.trim(), bindingOf(sealing));
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
/** Whether there is a pair that may not be stored. */
function isUnsettled(read) {
	return read(stateNames.journal) !== "" && read(stateNames.progress) !== "settled";
}
// src/journal/journal.ts
/** Reads the claim that the main step left; `undefined` if it left none. */
function readClaimEntry(text) {
	let entry;
	try {
		entry = JSON.parse(text);
	} catch {
		return;
	}
	if (!isRecord(entry) || !isRecord(entry["claim"])) return void 0;
	const target = targetIn(entry["target"]);
	const { retryFor } = entry;
	const { variable, token, epoch, nonce, leaseEndsAt, secretWrittenAt: date } = entry["claim"];
	if (!target || typeof retryFor !== "number" || typeof variable !== "string") return void 0;
	if (typeof token !== "string" || typeof epoch !== "number" || typeof nonce !== "string") return void 0;
	if (typeof leaseEndsAt !== "number") return void 0;
	return {
		target,
		retryFor,
		claim: {
			variable,
			token,
			epoch,
			nonce,
			leaseEndsAt,
			secretWrittenAt: typeof date === "number" ? date : void 0
		}
	};
}
/** Reads what the main step left; `undefined` if it is not a journal of this version. */
function readJournal(text) {
	let entry;
	try {
		entry = JSON.parse(text);
	} catch {
		return;
	}
	if (!isRecord(entry)) return void 0;
	const { target: given, retryFor, summary, sealed, recovery } = entry;
	const target = targetIn(given);
	if (!target || typeof retryFor !== "number" || typeof summary !== "boolean") return void 0;
	if (typeof sealed !== "string" || typeof recovery !== "string") return void 0;
	return {
		target,
		retryFor,
		summary,
		sealed,
		recovery
	};
}
/** Opens a journal or a recovery text. */
function openRecovery(kind, secrets, clientId, text) {
	const opened = finish_open(kind, secrets, clientId, text);
	if ("problem" in opened) return opened;
	const { value } = opened;
	if (!isRecord(value)) return { problem: "does-not-open" };
	const target = targetIn(value["target"]);
	const { refreshToken, baseline } = value;
	if (!target || typeof refreshToken !== "string" || typeof baseline !== "number") return { problem: "does-not-open" };
	const shared = sharedIn(value["shared"]);
	return shared === "damaged" ? { problem: "does-not-open" } : {
		refreshToken,
		baseline,
		target,
		shared
	};
}
function sharedIn(value) {
	if (value === void 0) return void 0;
	if (!isRecord(value)) return "damaged";
	const { access: given, before, over, secretUpdatedAt } = value;
	if (typeof secretUpdatedAt !== "number" || !Array.isArray(over)) return "damaged";
	const tokens = over.filter((token) => typeof token === "string");
	if (tokens.length !== over.length || before !== void 0 && typeof before !== "string") return "damaged";
	const access = given === void 0 ? void 0 : accessIn(given);
	if (given !== void 0 && !access) return "damaged";
	return {
		access,
		before,
		over: tokens,
		secretUpdatedAt
	};
}
function targetIn(value) {
	if (!isRecord(value)) return void 0;
	const text = (name) => {
		const field = value[name];
		return typeof field === "string" ? field : void 0;
	};
	const [clientId, githubApiUrl, owner, repo, secretName] = [
		text("clientId"),
		text("githubApiUrl"),
		text("owner"),
		text("repo"),
		text("secretName")
	];
	if (clientId === void 0 || githubApiUrl === void 0 || secretName === void 0) return void 0;
	if (owner === void 0 || repo === void 0) return void 0;
	return {
		clientId,
		githubApiUrl,
		owner,
		repo,
		secretName,
		environment: text("environment"),
		organization: text("organization"),
		stateVariable: text("stateVariable")
	};
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
// src/sharing/claim.ts
/**
* A claim: the right to refresh, as an Actions variable that only one job can create. GitHub refuses a name that is taken,
* whatever its reads show (rule 8). A claim holds for its lease.
*
* Claims stay: once its holder has published, a claim is marked as done and kept, so that a job that still sees the old
* state cannot get it again. If a lease runs out, nobody deletes that claim for its holder; the next epoch follows it. A
* deletion that arrives late could take away somebody else's claim.
*/
/** `Date` headers are in whole seconds, so a holder considers its own lease over this much earlier. */
const roundingMs = 1e3;
/** Without a state, jobs may hold different tokens, and still only one of them may refresh. */
const withoutState = "NEW";
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
	const leaseEndsAt = dateIn$1(content["lease-ends-at"]);
	if (typeof nonce !== "string" || nonce === "" || leaseEndsAt === void 0) return void 0;
	const since = dateIn$1(content["next-since"]);
	return {
		nonce,
		leaseEndsAt,
		doneAt: dateIn$1(content["done-at"]),
		secretWrittenAt: dateIn$1(content["secret-written-at"]),
		next: typeof next === "number" && Number.isSafeInteger(next) && next > 0 && since !== void 0 ? {
			epoch: next,
			since
		} : void 0
	};
}
function dateIn$1(text) {
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
// src/github/secret-store.ts
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
/** A variable that is not a claim has the name that a claim needs. `what` names the remedy too: `post` prints only that. */
function blockedClaim(subject) {
	return new Failure("github-unavailable", {
		what: `The right to refresh the shared token cannot be claimed: next to the ${titleOf(subject)}, there is a variable that has the name of a claim but is not one. The variables whose names begin with ${subject.seal.name.toUpperCase()}_CLAIM_ must be deleted.`,
		spent: nothingSpent,
		next: "Delete them, then start a new run."
	});
}
/** The new pair could not be published. `problem` has no full stop. */
function notPublished(subject, retryFor, problem) {
	return new Failure("secret-not-written", {
		what: `GitHub did not let this job publish the new pair in the ${titleOf(subject)} within ${retryFor} s: ${problem}.`,
		spent: "The old refresh token has been used (invalidated) and, as far as this job can tell, the new one is not stored. No access token is handed out.",
		next: `Check the log of the post step of this action: it tries once more, and prints a recovery text if it cannot store the token either. If it did neither, start a new run once GitHub is available again: Box may still accept the old refresh token. If that run fails with \`reauthorize\`, sign in to Box again with \`box-token login --state-variable ${subject.seal.name}\`.`
	});
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
const shortestPollMs = 1e3;
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
	for (let look = 1, pollMs = shortestPollMs;; look += 1, pollMs = Math.min(longestPollMs, pollMs * 1.25)) {
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
		const shortest = shortestPollMs * (1 + random());
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
// src/sharing/finish.ts
/**
* The step "`post` of a dead holder", by the same rules as the job itself: claim (its own claim, if still within the
* lease), state unmoved, publish, store. If there is nothing to publish, it gives the claim up, so that nobody waits.
*/
/**
* Publishes and stores what a job left unfinished.
*
* @returns `undefined` if nothing is left to do; otherwise why it could not be done, as a sentence
*/
async function finishShared(sharing, unfinished) {
	const { environment, narrator, retryFor } = sharing;
	const { clock } = environment;
	const { issued, deadline } = unfinished;
	const title = titleOf(sharing);
	const patience = new Patience(environment, (deadline - clock.monotonic()) * (2 / 3) / 1e3);
	let own = unfinished.claim;
	const doubt = { mayBePublished: true };
	try {
		for (;;) {
			const view = await readState(sharing, new RetryBudget(environment, retryFor, deadline));
			const seen = howStateStands(sharing, issued, view);
			if (seen === "published") {
				narrator.info(`The new pair is published in the ${title}: nothing is lost.`);
				await bringUpToDate(sharing, unfinished, view, void 0);
				return;
			}
			if ((seen === "unknown" || seen === "gone" || seen === "unmoved" && unfinished.isPublished) && await patience.pause()) continue;
			if (seen !== "unmoved" && seen !== "gone") {
				narrator.info(`The ${title} holds a newer pair: the one from this job is superseded, so nothing is written.`);
				unfinished.handOver();
				return;
			}
			const claiming = await takeClaim(sharing, view, {
				own,
				deadline
			});
			if (claiming.kind === "too-late") return `Another job is refreshing the token that is shared through the ${title}, and did not finish in time.`;
			if (claiming.kind === "changed") continue;
			const claim = untilDeadline(claiming.claim, unfinished);
			own = claim;
			const published = await publish(sharing, claim, view, nextState(sharing, view, issued), doubt);
			if (published !== "published") {
				if ((published === "lease-over" || await patience.pause()) && clock.monotonic() < deadline) continue;
				return `GitHub did not let the post step publish the new pair in the ${title} within ${retryFor} s.`;
			}
			narrator.info(`The post step has published the new pair in the ${title}: the chain is alive.`);
			await bringUpToDate(sharing, unfinished, view, claim);
			return;
		}
	} catch (error) {
		if (error instanceof GitHubUnavailable) return `GitHub did not let the post step publish the new pair in the ${title}: ${describeGitHub(subjectOf(sharing), error.last)}.`;
		if (error instanceof Failure) return error.what;
		throw error;
	}
}
/** How the state relates to a pair: published already, unmoved since, gone, newer, or unrelated as far as can be told. */
function howStateStands({ seal }, { refreshToken, before }, { state }) {
	if (state?.refreshToken === refreshToken) return "published";
	if (state?.refreshToken === before) return "unmoved";
	if (state === void 0) return "gone";
	return before === void 0 || accountsFor(seal, state, before) ? "newer" : "unknown";
}
/** Fence: the lease may last far longer than the time that a post step has. */
function untilDeadline(claim, { deadline }) {
	return {
		...claim,
		fence: Math.min(claim.fence, deadline)
	};
}
/**
* Stores the secret while the claim lasts, then marks the claim as done. Published is durable: nothing can be lost here.
*
* @param held the claim; `undefined` if the job's own claim still has to be looked at
*/
async function bringUpToDate(sharing, unfinished, view, held) {
	const { secret, narrator, environment } = sharing;
	let writtenAt;
	let claim = held;
	try {
		claim ??= await liveOwnClaim(sharing, unfinished);
		const stored = claim && await storeSecret(sharing, unfinished, view, claim);
		writtenAt = stored?.writtenAt;
		if (stored?.problem !== void 0) narrator.warning(copyBehindState(sharing, secret.title, stored.problem).message);
	} catch (error) {
		if (!(error instanceof GitHubUnavailable) && !(error instanceof Failure)) throw error;
		const problem = error instanceof Failure ? error.what.replace(/\.$/, "") : describeGitHub(subjectOf(sharing), error.last);
		narrator.warning(copyBehindState(sharing, secret.title, problem).message);
	}
	if (claim) await markDone(sharing, claim, Math.ceil(serverNow(view.moment, environment.clock)), writtenAt);
}
/** The job's own claim, if its lease still runs. It was really the job's: a pair was issued under it. */
async function liveOwnClaim(sharing, unfinished) {
	const { claim: own, deadline } = unfinished;
	if (!own) return void 0;
	const budget = new RetryBudget(sharing.environment, sharing.retryFor, deadline);
	const { claim, moment, askedAt } = await readOneClaim(sharing, own.variable, budget);
	if (claim?.nonce !== own.nonce || claim.doneAt !== void 0) return void 0;
	const held = heldClaim(claim, moment, askedAt);
	return sharing.environment.clock.monotonic() < held.fence ? untilDeadline(held, unfinished) : void 0;
}
/**
* @returns `problem`: why the secret could not be written, without a full stop; `writtenAt`: when at the latest this job
*   wrote it, if it may have
*/
async function storeSecret(sharing, { issued, mayBeWritten }, view, claim) {
	const { secret, narrator, environment, retryFor } = sharing;
	const budget = new RetryBudget(environment, retryFor, claim.fence);
	const metadata = await secret.metadata(budget);
	if ("updatedAt" in metadata && metadata.updatedAt > issued.baseline && mayBeWritten) {
		narrator.info(writtenSince(secret.title));
		return { writtenAt: claim.leaseEndsAt };
	}
	if ("refused" in metadata && secret.place.settings) return { problem: refusedLook(subjectOf(sharing), "the secret", metadata) };
	const settings = "refused" in metadata ? { body: {} } : await secret.settings(metadata, budget);
	if ("incomplete" in settings) return { problem: settings.incomplete };
	if ("refused" in settings) return { problem: refusedLook(subjectOf(sharing), "the secret", settings) };
	const copied = await storePublished(sharing, claim, {
		key: void 0,
		settings: settings.body,
		conflictAfter: issued.baseline
	}, view, issued.refreshToken, mayBeWritten);
	if (copied.kind === "stored") narrator.info("The post step has stored the new refresh token.");
	return copied;
}
/** How long to look for a claim that GitHub does not show yet, in seconds: it ends with its lease in any case. */
const giveUpSeconds = 15;
/**
* Gives up the claim of a job that ended with nothing to publish, so that nobody has to wait for its lease to end.
*
* @param hasMoved whether a pair was issued under the claim and is taken care of: then the claim is marked as done instead
* @returns whether the claim was this job's, and still held
* @throws GitHubUnavailable or Failure
*/
async function giveUpOwn(sharing, own, hasMoved) {
	const { environment, retryFor } = sharing;
	const seconds = Math.min(retryFor, giveUpSeconds);
	const patience = new Patience(environment, seconds);
	for (;;) {
		const { claim, moment } = await readOneClaim(sharing, own.variable, new RetryBudget(environment, seconds));
		if (claim) {
			if (!(claim.nonce === own.nonce && claim.doneAt === void 0 && claim.leaseEndsAt !== 0)) return false;
			const at = Math.ceil(serverNow(moment, environment.clock));
			await (hasMoved ? markDone(sharing, claim, at, own.secretWrittenAt) : giveUpClaim(sharing, claim));
			return true;
		}
		if (!await patience.pause()) return false;
	}
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
		updatedAt: dateIn(data["updated_at"]),
		moment,
		askedAt
	};
}
function dateIn(text) {
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
		const [createdAt, updatedAt] = [dateIn(one["created_at"]), dateIn(one["updated_at"])];
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
// src/action/post-step.ts
/**
* The post step: stores the refresh token that the main step got from Box but could not store, because it was killed
* or GitHub was down. If that fails too, the owner gets the token as a sealed recovery text.
*/
/**
* Most seconds that the post step keeps trying, whatever `retry-for` says. A cancelled job is ended after five minutes,
* post steps included (GitHub Docs, "Workflow cancellation reference"): the recovery text must be printed before that,
* and other post steps take time, too.
*/
const longestRetrySeconds = 240;
/**
* Runs the post step.
*
* @returns the exit code: 1 if the token could not be stored
*/
async function runPost(world) {
	const text = world.getState(stateNames.journal);
	const progress = world.getState(stateNames.progress);
	const claim = readClaimEntry(world.getState(stateNames.claim));
	const done = !isUnsettled(world.getState);
	if (done && !claim) return 0;
	const report = new Report(world.runner);
	for (const name of [
		"client-secret",
		"github-token",
		"state-key",
		"refresh-token"
	]) report.mask(world.getInput(name));
	for (const secret of world.proxySecrets) report.mask(secret);
	if (done && printsTraffic(world.variables)) return 0;
	if (done) return claim ? giveUp(world, report, claim, text !== "") : 0;
	const reported = world.getState(stateNames.reported) !== "";
	const entry = readJournal(text);
	if (!entry) {
		report.postFailed("The state that the main step saved is not one that this version of the action can read.", void 0, reported);
		return 1;
	}
	let problem;
	try {
		const cancelled = new Promise((resolve) => {
			world.interrupted.addEventListener("abort", () => resolve("The post step was cancelled before the token was stored."));
		});
		const outcome = await Promise.race([finish(world, report, entry, progress, claim), cancelled]);
		if (outcome === void 0) return 0;
		problem = outcome;
	} catch (error) {
		if (error instanceof Failure && error.code === "stale-secret") {
			report.info(`${error.what} Nothing is left to do.`);
			report.recovery(entry.recovery);
			return 0;
		}
		const fault = error instanceof Error ? error.message : "an unknown value was thrown";
		problem = error instanceof Failure ? error.what : `The post step has a bug: ${report.foreign(fault)}.`;
	}
	report.postFailed(problem, entry.recovery, reported);
	if (entry.summary && world.variables["GITHUB_STEP_SUMMARY"]) await report.summarizeRecovery(problem, entry.recovery);
	return 1;
}
/** @returns `undefined` if nothing is left to do, otherwise why the token could not be stored, as a sentence */
async function finish(world, report, entry, progress, claim) {
	const { target } = entry;
	const mayBeWritten = progress === "about-to-store";
	const retryFor = Math.min(entry.retryFor, longestRetrySeconds);
	const clientSecret = world.getInput("client-secret");
	const token = world.getInput("github-token");
	if (printsTraffic(world.variables)) return `${trafficIsPrinted.what} So the post step sends nothing.`;
	if (clientSecret === "" || token === "") return "The inputs of this step are no longer available (in nested composite actions, GitHub gives a post step those of another action).";
	await sealingReady();
	const secrets = {
		clientSecret,
		stateKey: world.getInput("state-key") || void 0
	};
	const opened = openRecovery("journal", secrets, target.clientId, entry.sealed);
	if ("problem" in opened) return "The client secret (or `state-key`) does not decrypt what the main step saved: the inputs may be those of another action.";
	report.mask(opened.refreshToken);
	if (opened.shared?.access) report.mask(opened.shared.access.token);
	const client = new GitHubClient({
		network: world,
		apiUrl: target.githubApiUrl,
		token
	});
	const secret = secretOf(client, target);
	const storing = {
		environment: world,
		narrator: report,
		retryFor,
		secret,
		aboutToWrite: () => {}
	};
	const subject = subjectOf(storing);
	const { shared, refreshToken, baseline: updatedAt } = opened;
	if (shared) {
		const sharing = sharingOf(world, report, client, target, retryFor, secrets);
		if (!sharing) return "What the main step saved does not name the variable that jobs share.";
		report.info("The main step got a new pair from Box, but ended before it had finished. The post step goes on from there.");
		return finishShared(sharing, {
			issued: {
				...shared,
				refreshToken,
				baseline: updatedAt
			},
			claim: claim?.claim,
			isPublished: mayBeWritten || progress === "published",
			mayBeWritten,
			deadline: world.clock.monotonic() + retryFor * 1e3,
			handOver: () => report.recovery(entry.recovery)
		});
	}
	report.info(`The main step got a new refresh token from Box, but ended before it was stored in the ${secret.title}.`);
	const budget = new RetryBudget(world, retryFor);
	const done = new AbortController();
	world.clock.sleep(retryFor * 1e3 + budget.timeoutMs, done.signal).then(() => budget.end());
	try {
		const now = await secret.metadata(budget);
		if ("refused" in now && secret.place.settings) return sentence(refusedLook(subject, "the secret", now));
		if ("updatedAt" in now && now.updatedAt > opened.baseline) {
			report.info(mayBeWritten ? "The secret has been written since then: the new refresh token is stored, or superseded by a newer one. Nothing is left to do." : "Another run has written the secret since then: the token is superseded. Nothing is written.");
			report.recovery(entry.recovery);
			return;
		}
		const settings = "refused" in now ? { body: {} } : await secret.settings(now, budget);
		if ("refused" in settings) return sentence(refusedLook(subject, "the secret", settings));
		if ("incomplete" in settings) return sentence(settings.incomplete);
		await store(storing, {
			key: void 0,
			settings: settings.body,
			conflictAfter: opened.baseline
		}, opened.refreshToken, budget);
		report.info("The post step has stored the new refresh token: the chain is alive.");
		return;
	} catch (error) {
		if (error instanceof GitHubUnavailable) return sentence(describeGitHub(subject, error.last));
		throw error;
	} finally {
		done.abort();
	}
}
/** What the work on the shared state needs; `undefined` if there is none. */
function sharingOf(world, report, client, target, retryFor, secrets) {
	const { stateVariable: name, clientId } = target;
	if (name === void 0) return void 0;
	const variables = variablesOf(client, target);
	const seal = {
		secrets,
		clientId,
		place: variables.place,
		name
	};
	return {
		environment: world,
		narrator: report,
		retryFor,
		secret: secretOf(client, target),
		variables,
		seal
	};
}
/** The main step ended with a claim but without a pair to save: nobody needs to wait until the lease ends. */
async function giveUp(world, report, { target, retryFor, claim }, hasMoved) {
	const token = world.getInput("github-token");
	if (token === "") return 0;
	const sharing = sharingOf(world, report, new GitHubClient({
		network: world,
		apiUrl: target.githubApiUrl,
		token
	}), target, retryFor, {
		clientSecret: "",
		stateKey: void 0
	});
	if (!sharing) return 0;
	try {
		if (!await giveUpOwn(sharing, claim, hasMoved)) return 0;
		report.info(hasMoved ? "The main step ended before it had marked its claim as done. The claim is marked now." : "The main step ended without a new pair from Box. Its claim is given up.");
	} catch (error) {
		if (error instanceof GitHubUnavailable || error instanceof Failure) return 0;
		report.failUnexpectedly(error, "Nothing is lost: this job's claim ends with its lease.");
		return 1;
	}
	return 0;
}
function sentence(problem) {
	return `The new refresh token could not be stored on GitHub: ${problem}.`;
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
// src/action/finish.ts
/** The post step when something is left to do. Only wiring. */
keepCertificatesChecked(process.env);
const { proxies, secrets } = useProxies(process.env);
const signals = processSignals(process);
signals.hold();
process.exitCode = 1;
run();
async function run() {
	process.exitCode = await runPost({
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
		getState: (name) => getState(name),
		variables: process.env,
		fetch: nodeFetch,
		proxies,
		proxySecrets: secrets,
		clock: systemClock,
		random: Math.random,
		interrupted: signals.interrupted
	});
	if (signals.interrupted.aborted) process.exit();
	endSoon(process);
}


