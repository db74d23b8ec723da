#!/usr/bin/env node
import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

/***/ 421:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:child_process");

/***/ }),

/***/ 598:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");

/***/ }),

/***/ 474:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:events");

/***/ }),

/***/ 24:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");

/***/ }),

/***/ 67:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:http");

/***/ }),

/***/ 327:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:https");

/***/ }),

/***/ 995:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:module");

/***/ }),

/***/ 760:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");

/***/ }),

/***/ 708:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:process");

/***/ }),

/***/ 481:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:readline");

/***/ }),

/***/ 75:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream");

/***/ }),

/***/ 321:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:stream/consumers");

/***/ }),

/***/ 975:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:util");

/***/ }),

/***/ 522:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");

/***/ }),

/***/ 69:
/***/ ((__webpack_module__, __unused_webpack___webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.a(__webpack_module__, async (__webpack_handle_async_dependencies__, __webpack_async_result__) => { try {
/* harmony import */ var node_module__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(995);
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(421);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(24);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(760);
/* harmony import */ var node_readline__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(481);
/* harmony import */ var node_stream_consumers__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(321);
/* harmony import */ var node_util__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(975);
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_7__ = __nccwpck_require__(75);
/* harmony import */ var node_http__WEBPACK_IMPORTED_MODULE_8__ = __nccwpck_require__(67);
/* harmony import */ var node_events__WEBPACK_IMPORTED_MODULE_9__ = __nccwpck_require__(474);
/* harmony import */ var node_process__WEBPACK_IMPORTED_MODULE_10__ = __nccwpck_require__(708);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_11__ = __nccwpck_require__(598);












// \0rolldown/runtime.js
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __commonJSMin = (cb, mod) => () => (mod || (cb((mod = { exports: {} }).exports, mod, mod.exports), cb = null), mod.exports);
var __copyProps = (to, from, except, desc) => {
	if (from && typeof from === "object" || typeof from === "function") for (var keys = __getOwnPropNames(from), i = 0, n = keys.length, key; i < n; i++) {
		key = keys[i];
		if (!__hasOwnProp.call(to, key) && key !== except) __defProp(to, key, {
			get: ((k) => from[k]).bind(null, key),
			enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable
		});
	}
	return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(isNodeMode || !mod || !mod.__esModule || !__hasOwnProp.call(mod, "default") ? __defProp(target, "default", {
	value: mod,
	enumerable: true
}) : target, mod));
var __require = /* #__PURE__ */ (() => (0,node_module__WEBPACK_IMPORTED_MODULE_0__.createRequire)(import.meta.url))();
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
// src/json.ts
/** Whether a value from outside is an object with named properties. */
function isRecord(value) {
	return typeof value === "object" && value !== null && !Array.isArray(value);
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
	const { request } = url.protocol === "https:" ? await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 327, 19)) : await Promise.resolve(/* import() */).then(__nccwpck_require__.t.bind(__nccwpck_require__, 67, 19));
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
	return (0,node_stream__WEBPACK_IMPORTED_MODULE_7__.pipeline)(answer, unpacked, () => {});
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
// src/cli/interruption.ts
/**
* Ctrl-C. Whatever a command is doing, it ends with one line that says what is left behind. It only waits between Box's
* answer and the end of the store, because the new token exists nowhere else; and not even then if it can be handed over.
*/
/** The person, or the system, ended the command. */
var Interrupted = class extends Error {
	name = "Interrupted";
	/** 128 plus the number of the signal, as in shells. */
	exitCode;
	constructor(signal = "SIGINT") {
		super("interrupted");
		this.exitCode = signal === "SIGINT" ? 130 : 143;
	}
};
/** How one command handles signals. */
var Interruption = class {
	/** What an interruption would leave behind now, in whole sentences. The command keeps it up to date. */
	aftermath = "Nothing was written.";
	#abort = new AbortController();
	#held = 0;
	#noted;
	#whenHeld = () => {};
	#notedAt = 0;
	#wayOut;
	#timer;
	constructor(source) {
		for (const signal of ["SIGINT", "SIGTERM"]) source.on(signal, () => {
			if (this.#noted === void 0) {
				if (this.#held > 0 && this.#wayOut?.afterMs !== 0) this.#whenHeld();
				this.#noted = new Interrupted(signal);
				this.#notedAt = performance.now();
			}
			this.#settle();
		});
	}
	/** Aborted, with an `Interrupted` as the reason, when the command has to end. */
	get signal() {
		return this.#abort.signal;
	}
	/**
	* Waits for work to finish, or for the command to be interrupted.
	*
	* @throws Interrupted
	*/
	async orInterrupted(work) {
		const { signal } = this;
		let end = () => {};
		const ended = new Promise((_resolve, reject) => {
			end = () => reject(this.#noted ?? new Interrupted());
		});
		signal.addEventListener("abort", end);
		try {
			if (signal.aborted) end();
			return await Promise.race([ended, work]);
		} finally {
			signal.removeEventListener("abort", end);
		}
	}
	/**
	* Does work that must not be interrupted: a signal is only noted, and takes effect when the work is done. If the work
	* fails, its error ends the command, and the signal no longer matters.
	*
	* @param told called at the first signal, to say that the command is still busy
	*/
	async hold(work, told) {
		this.#held += 1;
		this.#whenHeld = told;
		const result = await work();
		this.#held -= 1;
		this.#settle();
		return result;
	}
	/** How the command may end even within `hold`, as long as this is set. */
	set wayOut(wayOut) {
		this.#wayOut = wayOut;
		this.#settle();
	}
	#settle() {
		if (this.#noted === void 0 || this.signal.aborted) return;
		if (this.#held > 0) {
			if (!this.#wayOut) return;
			const { afterMs, handOver } = this.#wayOut;
			const leftMs = this.#notedAt + afterMs - performance.now();
			if (leftMs > 0) {
				this.#timer ??= setTimeout(() => {
					this.#timer = void 0;
					this.#settle();
				}, leftMs).unref();
				return;
			}
			handOver();
		}
		clearTimeout(this.#timer);
		this.#abort.abort(this.#noted);
	}
};
// node_modules/commander/lib/error.js
var require_error = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* CommanderError class
	*/
	var CommanderError = class extends Error {
		/**
		* Constructs the CommanderError class
		* @param {number} exitCode suggested exit code which could be used with process.exit
		* @param {string} code an id string representing the error
		* @param {string} message human-readable description of the error
		*/
		constructor(exitCode, code, message) {
			super(message);
			Error.captureStackTrace(this, this.constructor);
			this.name = this.constructor.name;
			this.code = code;
			this.exitCode = exitCode;
			this.nestedError = void 0;
		}
	};
	/**
	* InvalidArgumentError class
	*/
	var InvalidArgumentError = class extends CommanderError {
		/**
		* Constructs the InvalidArgumentError class
		* @param {string} [message] explanation of why argument is invalid
		*/
		constructor(message) {
			super(1, "commander.invalidArgument", message);
			Error.captureStackTrace(this, this.constructor);
			this.name = this.constructor.name;
		}
	};
	exports.CommanderError = CommanderError;
	exports.InvalidArgumentError = InvalidArgumentError;
}));
// node_modules/commander/lib/argument.js
var require_argument = /* @__PURE__ */ __commonJSMin(((exports) => {
	const { InvalidArgumentError } = require_error();
	var Argument = class {
		/**
		* Initialize a new command argument with the given name and description.
		* The default is that the argument is required, and you can explicitly
		* indicate this with <> around the name. Put [] around the name for an optional argument.
		*
		* @param {string} name
		* @param {string} [description]
		*/
		constructor(name, description) {
			this.description = description || "";
			this.variadic = false;
			this.parseArg = void 0;
			this.defaultValue = void 0;
			this.defaultValueDescription = void 0;
			this.argChoices = void 0;
			switch (name[0]) {
				case "<":
					this.required = true;
					this._name = name.slice(1, -1);
					break;
				case "[":
					this.required = false;
					this._name = name.slice(1, -1);
					break;
				default:
					this.required = true;
					this._name = name;
			}
			if (this._name.endsWith("...")) {
				this.variadic = true;
				this._name = this._name.slice(0, -3);
			}
		}
		/**
		* Return argument name.
		*
		* @return {string}
		*/
		name() {
			return this._name;
		}
		/**
		* @package
		*/
		_collectValue(value, previous) {
			if (previous === this.defaultValue || !Array.isArray(previous)) return [value];
			previous.push(value);
			return previous;
		}
		/**
		* Set the default value, and optionally supply the description to be displayed in the help.
		*
		* @param {*} value
		* @param {string} [description]
		* @return {Argument}
		*/
		default(value, description) {
			this.defaultValue = value;
			this.defaultValueDescription = description;
			return this;
		}
		/**
		* Set the custom handler for processing CLI command arguments into argument values.
		*
		* @param {Function} [fn]
		* @return {Argument}
		*/
		argParser(fn) {
			this.parseArg = fn;
			return this;
		}
		/**
		* Only allow argument value to be one of choices.
		*
		* @param {string[]} values
		* @return {Argument}
		*/
		choices(values) {
			this.argChoices = values.slice();
			this.parseArg = (arg, previous) => {
				if (!this.argChoices.includes(arg)) throw new InvalidArgumentError(`Allowed choices are ${this.argChoices.join(", ")}.`);
				if (this.variadic) return this._collectValue(arg, previous);
				return arg;
			};
			return this;
		}
		/**
		* Make argument required.
		*
		* @returns {Argument}
		*/
		argRequired() {
			this.required = true;
			return this;
		}
		/**
		* Make argument optional.
		*
		* @returns {Argument}
		*/
		argOptional() {
			this.required = false;
			return this;
		}
	};
	/**
	* Takes an argument and returns its human readable equivalent for help usage.
	*
	* @param {Argument} arg
	* @return {string}
	* @private
	*/
	function humanReadableArgName(arg) {
		const nameOutput = arg.name() + (arg.variadic === true ? "..." : "");
		return arg.required ? "<" + nameOutput + ">" : "[" + nameOutput + "]";
	}
	exports.Argument = Argument;
	exports.humanReadableArgName = humanReadableArgName;
}));
// node_modules/commander/lib/help.js
var require_help = /* @__PURE__ */ __commonJSMin(((exports) => {
	const { humanReadableArgName } = require_argument();
	/**
	* TypeScript import types for JSDoc, used by Visual Studio Code IntelliSense and `npm run typescript-checkJS`
	* https://www.typescriptlang.org/docs/handbook/jsdoc-supported-types.html#import-types
	* @typedef { import("./argument.js").Argument } Argument
	* @typedef { import("./command.js").Command } Command
	* @typedef { import("./option.js").Option } Option
	*/
	var Help = class {
		constructor() {
			this.helpWidth = void 0;
			this.minWidthToWrap = 40;
			this.sortSubcommands = false;
			this.sortOptions = false;
			this.showGlobalOptions = false;
		}
		/**
		* prepareContext is called by Commander after applying overrides from `Command.configureHelp()`
		* and just before calling `formatHelp()`.
		*
		* Commander just uses the helpWidth and the rest is provided for optional use by more complex subclasses.
		*
		* @param {{ error?: boolean, helpWidth?: number, outputHasColors?: boolean }} contextOptions
		*/
		prepareContext(contextOptions) {
			this.helpWidth = this.helpWidth ?? contextOptions.helpWidth ?? 80;
		}
		/**
		* Get an array of the visible subcommands. Includes a placeholder for the implicit help command, if there is one.
		*
		* @param {Command} cmd
		* @returns {Command[]}
		*/
		visibleCommands(cmd) {
			const visibleCommands = cmd.commands.filter((cmd) => !cmd._hidden);
			const helpCommand = cmd._getHelpCommand();
			if (helpCommand && !helpCommand._hidden) visibleCommands.push(helpCommand);
			if (this.sortSubcommands) visibleCommands.sort((a, b) => {
				return a.name().localeCompare(b.name());
			});
			return visibleCommands;
		}
		/**
		* Compare options for sort.
		*
		* @param {Option} a
		* @param {Option} b
		* @returns {number}
		*/
		compareOptions(a, b) {
			const getSortKey = (option) => {
				return option.short ? option.short.replace(/^-/, "") : option.long.replace(/^--/, "");
			};
			return getSortKey(a).localeCompare(getSortKey(b));
		}
		/**
		* Get an array of the visible options. Includes a placeholder for the implicit help option, if there is one.
		*
		* @param {Command} cmd
		* @returns {Option[]}
		*/
		visibleOptions(cmd) {
			const visibleOptions = cmd.options.filter((option) => !option.hidden);
			const helpOption = cmd._getHelpOption();
			if (helpOption && !helpOption.hidden) {
				const removeShort = helpOption.short && cmd._findOption(helpOption.short);
				const removeLong = helpOption.long && cmd._findOption(helpOption.long);
				if (!removeShort && !removeLong) visibleOptions.push(helpOption);
				else if (helpOption.long && !removeLong) visibleOptions.push(cmd.createOption(helpOption.long, helpOption.description));
				else if (helpOption.short && !removeShort) visibleOptions.push(cmd.createOption(helpOption.short, helpOption.description));
			}
			if (this.sortOptions) visibleOptions.sort(this.compareOptions);
			return visibleOptions;
		}
		/**
		* Get an array of the visible global options. (Not including help.)
		*
		* @param {Command} cmd
		* @returns {Option[]}
		*/
		visibleGlobalOptions(cmd) {
			if (!this.showGlobalOptions) return [];
			const globalOptions = [];
			for (let ancestorCmd = cmd.parent; ancestorCmd; ancestorCmd = ancestorCmd.parent) {
				const visibleOptions = ancestorCmd.options.filter((option) => !option.hidden);
				globalOptions.push(...visibleOptions);
			}
			if (this.sortOptions) globalOptions.sort(this.compareOptions);
			return globalOptions;
		}
		/**
		* Get an array of the arguments if any have a description.
		*
		* @param {Command} cmd
		* @returns {Argument[]}
		*/
		visibleArguments(cmd) {
			if (cmd._argsDescription) cmd.registeredArguments.forEach((argument) => {
				argument.description = argument.description || cmd._argsDescription[argument.name()] || "";
			});
			if (cmd.registeredArguments.find((argument) => argument.description)) return cmd.registeredArguments;
			return [];
		}
		/**
		* Get the command term to show in the list of subcommands.
		*
		* @param {Command} cmd
		* @returns {string}
		*/
		subcommandTerm(cmd) {
			const args = cmd.registeredArguments.map((arg) => humanReadableArgName(arg)).join(" ");
			return cmd._name + (cmd._aliases[0] ? "|" + cmd._aliases[0] : "") + (cmd.options.length ? " [options]" : "") + (args ? " " + args : "");
		}
		/**
		* Get the option term to show in the list of options.
		*
		* @param {Option} option
		* @returns {string}
		*/
		optionTerm(option) {
			return option.flags;
		}
		/**
		* Get the argument term to show in the list of arguments.
		*
		* @param {Argument} argument
		* @returns {string}
		*/
		argumentTerm(argument) {
			return argument.name();
		}
		/**
		* Get the longest command term length.
		*
		* @param {Command} cmd
		* @param {Help} helper
		* @returns {number}
		*/
		longestSubcommandTermLength(cmd, helper) {
			return helper.visibleCommands(cmd).reduce((max, command) => {
				return Math.max(max, this.displayWidth(helper.styleSubcommandTerm(helper.subcommandTerm(command))));
			}, 0);
		}
		/**
		* Get the longest option term length.
		*
		* @param {Command} cmd
		* @param {Help} helper
		* @returns {number}
		*/
		longestOptionTermLength(cmd, helper) {
			return helper.visibleOptions(cmd).reduce((max, option) => {
				return Math.max(max, this.displayWidth(helper.styleOptionTerm(helper.optionTerm(option))));
			}, 0);
		}
		/**
		* Get the longest global option term length.
		*
		* @param {Command} cmd
		* @param {Help} helper
		* @returns {number}
		*/
		longestGlobalOptionTermLength(cmd, helper) {
			return helper.visibleGlobalOptions(cmd).reduce((max, option) => {
				return Math.max(max, this.displayWidth(helper.styleOptionTerm(helper.optionTerm(option))));
			}, 0);
		}
		/**
		* Get the longest argument term length.
		*
		* @param {Command} cmd
		* @param {Help} helper
		* @returns {number}
		*/
		longestArgumentTermLength(cmd, helper) {
			return helper.visibleArguments(cmd).reduce((max, argument) => {
				return Math.max(max, this.displayWidth(helper.styleArgumentTerm(helper.argumentTerm(argument))));
			}, 0);
		}
		/**
		* Get the command usage to be displayed at the top of the built-in help.
		*
		* @param {Command} cmd
		* @returns {string}
		*/
		commandUsage(cmd) {
			let cmdName = cmd._name;
			if (cmd._aliases[0]) cmdName = cmdName + "|" + cmd._aliases[0];
			let ancestorCmdNames = "";
			for (let ancestorCmd = cmd.parent; ancestorCmd; ancestorCmd = ancestorCmd.parent) ancestorCmdNames = ancestorCmd.name() + " " + ancestorCmdNames;
			return ancestorCmdNames + cmdName + " " + cmd.usage();
		}
		/**
		* Get the description for the command.
		*
		* @param {Command} cmd
		* @returns {string}
		*/
		commandDescription(cmd) {
			return cmd.description();
		}
		/**
		* Get the subcommand summary to show in the list of subcommands.
		* (Fallback to description for backwards compatibility.)
		*
		* @param {Command} cmd
		* @returns {string}
		*/
		subcommandDescription(cmd) {
			return cmd.summary() || cmd.description();
		}
		/**
		* Get the option description to show in the list of options.
		*
		* @param {Option} option
		* @return {string}
		*/
		optionDescription(option) {
			const extraInfo = [];
			if (option.argChoices) extraInfo.push(`choices: ${option.argChoices.map((choice) => JSON.stringify(choice)).join(", ")}`);
			if (option.defaultValue !== void 0) {
				if (option.required || option.optional || option.isBoolean() && typeof option.defaultValue === "boolean") extraInfo.push(`default: ${option.defaultValueDescription || JSON.stringify(option.defaultValue)}`);
			}
			if (option.presetArg !== void 0 && option.optional) extraInfo.push(`preset: ${JSON.stringify(option.presetArg)}`);
			if (option.envVar !== void 0) extraInfo.push(`env: ${option.envVar}`);
			if (extraInfo.length > 0) {
				const extraDescription = `(${extraInfo.join(", ")})`;
				if (option.description) return `${option.description} ${extraDescription}`;
				return extraDescription;
			}
			return option.description;
		}
		/**
		* Get the argument description to show in the list of arguments.
		*
		* @param {Argument} argument
		* @return {string}
		*/
		argumentDescription(argument) {
			const extraInfo = [];
			if (argument.argChoices) extraInfo.push(`choices: ${argument.argChoices.map((choice) => JSON.stringify(choice)).join(", ")}`);
			if (argument.defaultValue !== void 0) extraInfo.push(`default: ${argument.defaultValueDescription || JSON.stringify(argument.defaultValue)}`);
			if (extraInfo.length > 0) {
				const extraDescription = `(${extraInfo.join(", ")})`;
				if (argument.description) return `${argument.description} ${extraDescription}`;
				return extraDescription;
			}
			return argument.description;
		}
		/**
		* Format a list of items, given a heading and an array of formatted items.
		*
		* @param {string} heading
		* @param {string[]} items
		* @param {Help} helper
		* @returns string[]
		*/
		formatItemList(heading, items, helper) {
			if (items.length === 0) return [];
			return [
				helper.styleTitle(heading),
				...items,
				""
			];
		}
		/**
		* Group items by their help group heading.
		*
		* @param {Command[] | Option[]} unsortedItems
		* @param {Command[] | Option[]} visibleItems
		* @param {Function} getGroup
		* @returns {Map<string, Command[] | Option[]>}
		*/
		groupItems(unsortedItems, visibleItems, getGroup) {
			const result = /* @__PURE__ */ new Map();
			unsortedItems.forEach((item) => {
				const group = getGroup(item);
				if (!result.has(group)) result.set(group, []);
			});
			visibleItems.forEach((item) => {
				const group = getGroup(item);
				if (!result.has(group)) result.set(group, []);
				result.get(group).push(item);
			});
			return result;
		}
		/**
		* Generate the built-in help text.
		*
		* @param {Command} cmd
		* @param {Help} helper
		* @returns {string}
		*/
		formatHelp(cmd, helper) {
			const termWidth = helper.padWidth(cmd, helper);
			const helpWidth = helper.helpWidth ?? 80;
			function callFormatItem(term, description) {
				return helper.formatItem(term, termWidth, description, helper);
			}
			let output = [`${helper.styleTitle("Usage:")} ${helper.styleUsage(helper.commandUsage(cmd))}`, ""];
			const commandDescription = helper.commandDescription(cmd);
			if (commandDescription.length > 0) output = output.concat([helper.boxWrap(helper.styleCommandDescription(commandDescription), helpWidth), ""]);
			const argumentList = helper.visibleArguments(cmd).map((argument) => {
				return callFormatItem(helper.styleArgumentTerm(helper.argumentTerm(argument)), helper.styleArgumentDescription(helper.argumentDescription(argument)));
			});
			output = output.concat(this.formatItemList("Arguments:", argumentList, helper));
			this.groupItems(cmd.options, helper.visibleOptions(cmd), (option) => option.helpGroupHeading ?? "Options:").forEach((options, group) => {
				const optionList = options.map((option) => {
					return callFormatItem(helper.styleOptionTerm(helper.optionTerm(option)), helper.styleOptionDescription(helper.optionDescription(option)));
				});
				output = output.concat(this.formatItemList(group, optionList, helper));
			});
			if (helper.showGlobalOptions) {
				const globalOptionList = helper.visibleGlobalOptions(cmd).map((option) => {
					return callFormatItem(helper.styleOptionTerm(helper.optionTerm(option)), helper.styleOptionDescription(helper.optionDescription(option)));
				});
				output = output.concat(this.formatItemList("Global Options:", globalOptionList, helper));
			}
			this.groupItems(cmd.commands, helper.visibleCommands(cmd), (sub) => sub.helpGroup() || "Commands:").forEach((commands, group) => {
				const commandList = commands.map((sub) => {
					return callFormatItem(helper.styleSubcommandTerm(helper.subcommandTerm(sub)), helper.styleSubcommandDescription(helper.subcommandDescription(sub)));
				});
				output = output.concat(this.formatItemList(group, commandList, helper));
			});
			return output.join("\n");
		}
		/**
		* Return display width of string, ignoring ANSI escape sequences. Used in padding and wrapping calculations.
		*
		* @param {string} str
		* @returns {number}
		*/
		displayWidth(str) {
			return stripColor(str).length;
		}
		/**
		* Style the title for displaying in the help. Called with 'Usage:', 'Options:', etc.
		*
		* @param {string} str
		* @returns {string}
		*/
		styleTitle(str) {
			return str;
		}
		styleUsage(str) {
			return str.split(" ").map((word) => {
				if (word === "[options]") return this.styleOptionText(word);
				if (word === "[command]") return this.styleSubcommandText(word);
				if (word[0] === "[" || word[0] === "<") return this.styleArgumentText(word);
				return this.styleCommandText(word);
			}).join(" ");
		}
		styleCommandDescription(str) {
			return this.styleDescriptionText(str);
		}
		styleOptionDescription(str) {
			return this.styleDescriptionText(str);
		}
		styleSubcommandDescription(str) {
			return this.styleDescriptionText(str);
		}
		styleArgumentDescription(str) {
			return this.styleDescriptionText(str);
		}
		styleDescriptionText(str) {
			return str;
		}
		styleOptionTerm(str) {
			return this.styleOptionText(str);
		}
		styleSubcommandTerm(str) {
			return str.split(" ").map((word) => {
				if (word === "[options]") return this.styleOptionText(word);
				if (word[0] === "[" || word[0] === "<") return this.styleArgumentText(word);
				return this.styleSubcommandText(word);
			}).join(" ");
		}
		styleArgumentTerm(str) {
			return this.styleArgumentText(str);
		}
		styleOptionText(str) {
			return str;
		}
		styleArgumentText(str) {
			return str;
		}
		styleSubcommandText(str) {
			return str;
		}
		styleCommandText(str) {
			return str;
		}
		/**
		* Calculate the pad width from the maximum term length.
		*
		* @param {Command} cmd
		* @param {Help} helper
		* @returns {number}
		*/
		padWidth(cmd, helper) {
			return Math.max(helper.longestOptionTermLength(cmd, helper), helper.longestGlobalOptionTermLength(cmd, helper), helper.longestSubcommandTermLength(cmd, helper), helper.longestArgumentTermLength(cmd, helper));
		}
		/**
		* Detect manually wrapped and indented strings by checking for line break followed by whitespace.
		*
		* @param {string} str
		* @returns {boolean}
		*/
		preformatted(str) {
			return /\n[^\S\r\n]/.test(str);
		}
		/**
		* Format the "item", which consists of a term and description. Pad the term and wrap the description, indenting the following lines.
		*
		* So "TTT", 5, "DDD DDDD DD DDD" might be formatted for this.helpWidth=17 like so:
		*   TTT  DDD DDDD
		*        DD DDD
		*
		* @param {string} term
		* @param {number} termWidth
		* @param {string} description
		* @param {Help} helper
		* @returns {string}
		*/
		formatItem(term, termWidth, description, helper) {
			const itemIndent = 2;
			const itemIndentStr = " ".repeat(itemIndent);
			if (!description) return itemIndentStr + term;
			const paddedTerm = term.padEnd(termWidth + term.length - helper.displayWidth(term));
			const spacerWidth = 2;
			const remainingWidth = (this.helpWidth ?? 80) - termWidth - spacerWidth - itemIndent;
			let formattedDescription;
			if (remainingWidth < this.minWidthToWrap || helper.preformatted(description)) formattedDescription = description;
			else formattedDescription = helper.boxWrap(description, remainingWidth).replace(/\n/g, "\n" + " ".repeat(termWidth + spacerWidth));
			return itemIndentStr + paddedTerm + " ".repeat(spacerWidth) + formattedDescription.replace(/\n/g, `\n${itemIndentStr}`);
		}
		/**
		* Wrap a string at whitespace, preserving existing line breaks.
		* Wrapping is skipped if the width is less than `minWidthToWrap`.
		*
		* @param {string} str
		* @param {number} width
		* @returns {string}
		*/
		boxWrap(str, width) {
			if (width < this.minWidthToWrap) return str;
			const rawLines = str.split(/\r\n|\n/);
			const chunkPattern = /[\s]*[^\s]+/g;
			const wrappedLines = [];
			rawLines.forEach((line) => {
				const chunks = line.match(chunkPattern);
				if (chunks === null) {
					wrappedLines.push("");
					return;
				}
				let sumChunks = [chunks.shift()];
				let sumWidth = this.displayWidth(sumChunks[0]);
				chunks.forEach((chunk) => {
					const visibleWidth = this.displayWidth(chunk);
					if (sumWidth + visibleWidth <= width) {
						sumChunks.push(chunk);
						sumWidth += visibleWidth;
						return;
					}
					wrappedLines.push(sumChunks.join(""));
					const nextChunk = chunk.trimStart();
					sumChunks = [nextChunk];
					sumWidth = this.displayWidth(nextChunk);
				});
				wrappedLines.push(sumChunks.join(""));
			});
			return wrappedLines.join("\n");
		}
	};
	/**
	* Strip style ANSI escape sequences from the string. In particular, SGR (Select Graphic Rendition) codes.
	*
	* @param {string} str
	* @returns {string}
	* @package
	*/
	function stripColor(str) {
		return str.replace(/\x1b\[\d*(;\d*)*m/g, "");
	}
	exports.Help = Help;
	exports.stripColor = stripColor;
}));
// node_modules/commander/lib/option.js
var require_option = /* @__PURE__ */ __commonJSMin(((exports) => {
	const { InvalidArgumentError } = require_error();
	var Option = class {
		/**
		* Initialize a new `Option` with the given `flags` and `description`.
		*
		* @param {string} flags
		* @param {string} [description]
		*/
		constructor(flags, description) {
			this.flags = flags;
			this.description = description || "";
			this.required = flags.includes("<");
			this.optional = flags.includes("[");
			this.variadic = /\w\.\.\.[>\]]$/.test(flags);
			this.mandatory = false;
			const optionFlags = splitOptionFlags(flags);
			this.short = optionFlags.shortFlag;
			this.long = optionFlags.longFlag;
			this.negate = false;
			if (this.long) this.negate = this.long.startsWith("--no-");
			this.defaultValue = void 0;
			this.defaultValueDescription = void 0;
			this.presetArg = void 0;
			this.envVar = void 0;
			this.parseArg = void 0;
			this.hidden = false;
			this.argChoices = void 0;
			this.conflictsWith = [];
			this.implied = void 0;
			this.helpGroupHeading = void 0;
		}
		/**
		* Set the default value, and optionally supply the description to be displayed in the help.
		*
		* @param {*} value
		* @param {string} [description]
		* @return {Option}
		*/
		default(value, description) {
			this.defaultValue = value;
			this.defaultValueDescription = description;
			return this;
		}
		/**
		* Preset to use when option used without option-argument, especially optional but also boolean and negated.
		* The custom processing (parseArg) is called.
		*
		* @example
		* new Option('--color').default('GREYSCALE').preset('RGB');
		* new Option('--donate [amount]').preset('20').argParser(parseFloat);
		*
		* @param {*} arg
		* @return {Option}
		*/
		preset(arg) {
			this.presetArg = arg;
			return this;
		}
		/**
		* Add option name(s) that conflict with this option.
		* An error will be displayed if conflicting options are found during parsing.
		*
		* @example
		* new Option('--rgb').conflicts('cmyk');
		* new Option('--js').conflicts(['ts', 'jsx']);
		*
		* @param {(string | string[])} names
		* @return {Option}
		*/
		conflicts(names) {
			this.conflictsWith = this.conflictsWith.concat(names);
			return this;
		}
		/**
		* Specify implied option values for when this option is set and the implied options are not.
		*
		* The custom processing (parseArg) is not called on the implied values.
		*
		* @example
		* program
		*   .addOption(new Option('--log', 'write logging information to file'))
		*   .addOption(new Option('--trace', 'log extra details').implies({ log: 'trace.txt' }));
		*
		* @param {object} impliedOptionValues
		* @return {Option}
		*/
		implies(impliedOptionValues) {
			let newImplied = impliedOptionValues;
			if (typeof impliedOptionValues === "string") newImplied = { [impliedOptionValues]: true };
			this.implied = Object.assign(this.implied || {}, newImplied);
			return this;
		}
		/**
		* Set environment variable to check for option value.
		*
		* An environment variable is only used if when processed the current option value is
		* undefined, or the source of the current value is 'default' or 'config' or 'env'.
		*
		* @param {string} name
		* @return {Option}
		*/
		env(name) {
			this.envVar = name;
			return this;
		}
		/**
		* Set the custom handler for processing CLI option arguments into option values.
		*
		* @param {Function} [fn]
		* @return {Option}
		*/
		argParser(fn) {
			this.parseArg = fn;
			return this;
		}
		/**
		* Whether the option is mandatory and must have a value after parsing.
		*
		* @param {boolean} [mandatory=true]
		* @return {Option}
		*/
		makeOptionMandatory(mandatory = true) {
			this.mandatory = !!mandatory;
			return this;
		}
		/**
		* Hide option in help.
		*
		* @param {boolean} [hide=true]
		* @return {Option}
		*/
		hideHelp(hide = true) {
			this.hidden = !!hide;
			return this;
		}
		/**
		* @package
		*/
		_collectValue(value, previous) {
			if (previous === this.defaultValue || !Array.isArray(previous)) return [value];
			previous.push(value);
			return previous;
		}
		/**
		* Only allow option value to be one of choices.
		*
		* @param {string[]} values
		* @return {Option}
		*/
		choices(values) {
			this.argChoices = values.slice();
			this.parseArg = (arg, previous) => {
				if (!this.argChoices.includes(arg)) throw new InvalidArgumentError(`Allowed choices are ${this.argChoices.join(", ")}.`);
				if (this.variadic) return this._collectValue(arg, previous);
				return arg;
			};
			return this;
		}
		/**
		* Return option name.
		*
		* @return {string}
		*/
		name() {
			if (this.long) return this.long.replace(/^--/, "");
			return this.short.replace(/^-/, "");
		}
		/**
		* Return option name, in a camelcase format that can be used
		* as an object attribute key.
		*
		* @return {string}
		*/
		attributeName() {
			if (this.negate) return camelcase(this.name().replace(/^no-/, ""));
			return camelcase(this.name());
		}
		/**
		* Set the help group heading.
		*
		* @param {string} heading
		* @return {Option}
		*/
		helpGroup(heading) {
			this.helpGroupHeading = heading;
			return this;
		}
		/**
		* Check if `arg` matches the short or long flag.
		*
		* @param {string} arg
		* @return {boolean}
		* @package
		*/
		is(arg) {
			return this.short === arg || this.long === arg;
		}
		/**
		* Return whether a boolean option.
		*
		* Options are one of boolean, negated, required argument, or optional argument.
		*
		* @return {boolean}
		* @package
		*/
		isBoolean() {
			return !this.required && !this.optional && !this.negate;
		}
	};
	/**
	* This class is to make it easier to work with dual options, without changing the existing
	* implementation. We support separate dual options for separate positive and negative options,
	* like `--build` and `--no-build`, which share a single option value. This works nicely for some
	* use cases, but is tricky for others where we want separate behaviours despite
	* the single shared option value.
	*/
	var DualOptions = class {
		/**
		* @param {Option[]} options
		*/
		constructor(options) {
			this.positiveOptions = /* @__PURE__ */ new Map();
			this.negativeOptions = /* @__PURE__ */ new Map();
			this.dualOptions = /* @__PURE__ */ new Set();
			options.forEach((option) => {
				if (option.negate) this.negativeOptions.set(option.attributeName(), option);
				else this.positiveOptions.set(option.attributeName(), option);
			});
			this.negativeOptions.forEach((value, key) => {
				if (this.positiveOptions.has(key)) this.dualOptions.add(key);
			});
		}
		/**
		* Did the value come from the option, and not from possible matching dual option?
		*
		* @param {*} value
		* @param {Option} option
		* @returns {boolean}
		*/
		valueFromOption(value, option) {
			const optionKey = option.attributeName();
			if (!this.dualOptions.has(optionKey)) return true;
			const preset = this.negativeOptions.get(optionKey).presetArg;
			const negativeValue = preset !== void 0 ? preset : false;
			return option.negate === (negativeValue === value);
		}
	};
	/**
	* Convert string from kebab-case to camelCase.
	*
	* @param {string} str
	* @return {string}
	* @private
	*/
	function camelcase(str) {
		return str.split("-").reduce((str, word) => {
			return str + word[0].toUpperCase() + word.slice(1);
		});
	}
	/**
	* Split the short and long flag out of something like '-m,--mixed <value>'
	*
	* @private
	*/
	function splitOptionFlags(flags) {
		let shortFlag;
		let longFlag;
		const shortFlagExp = /^-[^-]$/;
		const longFlagExp = /^--[^-]/;
		const flagParts = flags.split(/[ |,]+/).concat("guard");
		if (shortFlagExp.test(flagParts[0])) shortFlag = flagParts.shift();
		if (longFlagExp.test(flagParts[0])) longFlag = flagParts.shift();
		if (!shortFlag && shortFlagExp.test(flagParts[0])) shortFlag = flagParts.shift();
		if (!shortFlag && longFlagExp.test(flagParts[0])) {
			shortFlag = longFlag;
			longFlag = flagParts.shift();
		}
		if (flagParts[0].startsWith("-")) {
			const unsupportedFlag = flagParts[0];
			const baseError = `option creation failed due to '${unsupportedFlag}' in option flags '${flags}'`;
			if (/^-[^-][^-]/.test(unsupportedFlag)) throw new Error(`${baseError}
- a short flag is a single dash and a single character
  - either use a single dash and a single character (for a short flag)
  - or use a double dash for a long option (and can have two, like '--ws, --workspace')`);
			if (shortFlagExp.test(unsupportedFlag)) throw new Error(`${baseError}
- too many short flags`);
			if (longFlagExp.test(unsupportedFlag)) throw new Error(`${baseError}
- too many long flags`);
			throw new Error(`${baseError}
- unrecognised flag format`);
		}
		if (shortFlag === void 0 && longFlag === void 0) throw new Error(`option creation failed due to no flags found in '${flags}'.`);
		return {
			shortFlag,
			longFlag
		};
	}
	exports.Option = Option;
	exports.DualOptions = DualOptions;
}));
// node_modules/commander/lib/suggestSimilar.js
var require_suggestSimilar = /* @__PURE__ */ __commonJSMin(((exports) => {
	const maxDistance = 3;
	function editDistance(a, b) {
		if (Math.abs(a.length - b.length) > maxDistance) return Math.max(a.length, b.length);
		const d = [];
		for (let i = 0; i <= a.length; i++) d[i] = [i];
		for (let j = 0; j <= b.length; j++) d[0][j] = j;
		for (let j = 1; j <= b.length; j++) for (let i = 1; i <= a.length; i++) {
			let cost = 1;
			if (a[i - 1] === b[j - 1]) cost = 0;
			else cost = 1;
			d[i][j] = Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
		}
		return d[a.length][b.length];
	}
	/**
	* Find close matches, restricted to same number of edits.
	*
	* @param {string} word
	* @param {string[]} candidates
	* @returns {string}
	*/
	function suggestSimilar(word, candidates) {
		if (!candidates || candidates.length === 0) return "";
		candidates = Array.from(new Set(candidates));
		const searchingOptions = word.startsWith("--");
		if (searchingOptions) {
			word = word.slice(2);
			candidates = candidates.map((candidate) => candidate.slice(2));
		}
		let similar = [];
		let bestDistance = maxDistance;
		const minSimilarity = .4;
		candidates.forEach((candidate) => {
			if (candidate.length <= 1) return;
			const distance = editDistance(word, candidate);
			const length = Math.max(word.length, candidate.length);
			if ((length - distance) / length > minSimilarity) {
				if (distance < bestDistance) {
					bestDistance = distance;
					similar = [candidate];
				} else if (distance === bestDistance) similar.push(candidate);
			}
		});
		similar.sort((a, b) => a.localeCompare(b));
		if (searchingOptions) similar = similar.map((candidate) => `--${candidate}`);
		if (similar.length > 1) return `\n(Did you mean one of ${similar.join(", ")}?)`;
		if (similar.length === 1) return `\n(Did you mean ${similar[0]}?)`;
		return "";
	}
	exports.suggestSimilar = suggestSimilar;
}));
// node_modules/commander/lib/command.js
var require_command = /* @__PURE__ */ __commonJSMin(((exports) => {
	const EventEmitter = __require("node:events").EventEmitter;
	const childProcess = __require("node:child_process");
	const path = __require("node:path");
	const fs = __require("node:fs");
	const process = __require("node:process");
	const { Argument, humanReadableArgName } = require_argument();
	const { CommanderError } = require_error();
	const { Help, stripColor } = require_help();
	const { Option, DualOptions } = require_option();
	const { suggestSimilar } = require_suggestSimilar();
	var Command = class Command extends EventEmitter {
		/**
		* Initialize a new `Command`.
		*
		* @param {string} [name]
		*/
		constructor(name) {
			super();
			/** @type {Command[]} */
			this.commands = [];
			/** @type {Option[]} */
			this.options = [];
			this.parent = null;
			this._allowUnknownOption = false;
			this._allowExcessArguments = false;
			/** @type {Argument[]} */
			this.registeredArguments = [];
			this._args = this.registeredArguments;
			/** @type {string[]} */
			this.args = [];
			this.rawArgs = [];
			this.processedArgs = [];
			this._scriptPath = null;
			this._name = name || "";
			this._optionValues = {};
			this._optionValueSources = {};
			this._storeOptionsAsProperties = false;
			this._actionHandler = null;
			this._executableHandler = false;
			this._executableFile = null;
			this._executableDir = null;
			this._defaultCommandName = null;
			this._exitCallback = null;
			this._aliases = [];
			this._combineFlagAndOptionalValue = true;
			this._description = "";
			this._summary = "";
			this._argsDescription = void 0;
			this._enablePositionalOptions = false;
			this._passThroughOptions = false;
			this._lifeCycleHooks = {};
			/** @type {(boolean | string)} */
			this._showHelpAfterError = false;
			this._showSuggestionAfterError = true;
			this._savedState = null;
			this._outputConfiguration = {
				writeOut: (str) => process.stdout.write(str),
				writeErr: (str) => process.stderr.write(str),
				outputError: (str, write) => write(str),
				getOutHelpWidth: () => process.stdout.isTTY ? process.stdout.columns : void 0,
				getErrHelpWidth: () => process.stderr.isTTY ? process.stderr.columns : void 0,
				getOutHasColors: () => useColor() ?? (process.stdout.isTTY && process.stdout.hasColors?.()),
				getErrHasColors: () => useColor() ?? (process.stderr.isTTY && process.stderr.hasColors?.()),
				stripColor: (str) => stripColor(str)
			};
			this._hidden = false;
			/** @type {(Option | null | undefined)} */
			this._helpOption = void 0;
			this._addImplicitHelpCommand = void 0;
			/** @type {Command} */
			this._helpCommand = void 0;
			this._helpConfiguration = {};
			/** @type {string | undefined} */
			this._helpGroupHeading = void 0;
			/** @type {string | undefined} */
			this._defaultCommandGroup = void 0;
			/** @type {string | undefined} */
			this._defaultOptionGroup = void 0;
		}
		/**
		* Copy settings that are useful to have in common across root command and subcommands.
		*
		* (Used internally when adding a command using `.command()` so subcommands inherit parent settings.)
		*
		* @param {Command} sourceCommand
		* @return {Command} `this` command for chaining
		*/
		copyInheritedSettings(sourceCommand) {
			this._outputConfiguration = sourceCommand._outputConfiguration;
			this._helpOption = sourceCommand._helpOption;
			this._helpCommand = sourceCommand._helpCommand;
			this._helpConfiguration = sourceCommand._helpConfiguration;
			this._exitCallback = sourceCommand._exitCallback;
			this._storeOptionsAsProperties = sourceCommand._storeOptionsAsProperties;
			this._combineFlagAndOptionalValue = sourceCommand._combineFlagAndOptionalValue;
			this._allowExcessArguments = sourceCommand._allowExcessArguments;
			this._enablePositionalOptions = sourceCommand._enablePositionalOptions;
			this._showHelpAfterError = sourceCommand._showHelpAfterError;
			this._showSuggestionAfterError = sourceCommand._showSuggestionAfterError;
			return this;
		}
		/**
		* @returns {Command[]}
		* @private
		*/
		_getCommandAndAncestors() {
			const result = [];
			for (let command = this; command; command = command.parent) result.push(command);
			return result;
		}
		/**
		* Define a command.
		*
		* There are two styles of command: pay attention to where to put the description.
		*
		* @example
		* // Command implemented using action handler (description is supplied separately to `.command`)
		* program
		*   .command('clone <source> [destination]')
		*   .description('clone a repository into a newly created directory')
		*   .action((source, destination) => {
		*     console.log('clone command called');
		*   });
		*
		* // Command implemented using separate executable file (description is second parameter to `.command`)
		* program
		*   .command('start <service>', 'start named service')
		*   .command('stop [service]', 'stop named service, or all if no name supplied');
		*
		* @param {string} nameAndArgs - command name and arguments, args are `<required>` or `[optional]` and last may also be `variadic...`
		* @param {(object | string)} [actionOptsOrExecDesc] - configuration options (for action), or description (for executable)
		* @param {object} [execOpts] - configuration options (for executable)
		* @return {Command} returns new command for action handler, or `this` for executable command
		*/
		command(nameAndArgs, actionOptsOrExecDesc, execOpts) {
			let desc = actionOptsOrExecDesc;
			let opts = execOpts;
			if (typeof desc === "object" && desc !== null) {
				opts = desc;
				desc = null;
			}
			opts = opts || {};
			const [, name, args] = nameAndArgs.match(/([^ ]+) *(.*)/);
			const cmd = this.createCommand(name);
			if (desc) {
				cmd.description(desc);
				cmd._executableHandler = true;
			}
			if (opts.isDefault) this._defaultCommandName = cmd._name;
			cmd._hidden = !!(opts.noHelp || opts.hidden);
			cmd._executableFile = opts.executableFile || null;
			if (args) cmd.arguments(args);
			this._registerCommand(cmd);
			cmd.parent = this;
			cmd.copyInheritedSettings(this);
			if (desc) return this;
			return cmd;
		}
		/**
		* Factory routine to create a new unattached command.
		*
		* See .command() for creating an attached subcommand, which uses this routine to
		* create the command. You can override createCommand to customise subcommands.
		*
		* @param {string} [name]
		* @return {Command} new command
		*/
		createCommand(name) {
			return new Command(name);
		}
		/**
		* You can customise the help with a subclass of Help by overriding createHelp,
		* or by overriding Help properties using configureHelp().
		*
		* @return {Help}
		*/
		createHelp() {
			return Object.assign(new Help(), this.configureHelp());
		}
		/**
		* You can customise the help by overriding Help properties using configureHelp(),
		* or with a subclass of Help by overriding createHelp().
		*
		* @param {object} [configuration] - configuration options
		* @return {(Command | object)} `this` command for chaining, or stored configuration
		*/
		configureHelp(configuration) {
			if (configuration === void 0) return this._helpConfiguration;
			this._helpConfiguration = configuration;
			return this;
		}
		/**
		* The default output goes to stdout and stderr. You can customise this for special
		* applications. You can also customise the display of errors by overriding outputError.
		*
		* The configuration properties are all functions:
		*
		*     // change how output being written, defaults to stdout and stderr
		*     writeOut(str)
		*     writeErr(str)
		*     // change how output being written for errors, defaults to writeErr
		*     outputError(str, write) // used for displaying errors and not used for displaying help
		*     // specify width for wrapping help
		*     getOutHelpWidth()
		*     getErrHelpWidth()
		*     // color support, currently only used with Help
		*     getOutHasColors()
		*     getErrHasColors()
		*     stripColor() // used to remove ANSI escape codes if output does not have colors
		*
		* @param {object} [configuration] - configuration options
		* @return {(Command | object)} `this` command for chaining, or stored configuration
		*/
		configureOutput(configuration) {
			if (configuration === void 0) return this._outputConfiguration;
			this._outputConfiguration = {
				...this._outputConfiguration,
				...configuration
			};
			return this;
		}
		/**
		* Display the help or a custom message after an error occurs.
		*
		* @param {(boolean|string)} [displayHelp]
		* @return {Command} `this` command for chaining
		*/
		showHelpAfterError(displayHelp = true) {
			if (typeof displayHelp !== "string") displayHelp = !!displayHelp;
			this._showHelpAfterError = displayHelp;
			return this;
		}
		/**
		* Display suggestion of similar commands for unknown commands, or options for unknown options.
		*
		* @param {boolean} [displaySuggestion]
		* @return {Command} `this` command for chaining
		*/
		showSuggestionAfterError(displaySuggestion = true) {
			this._showSuggestionAfterError = !!displaySuggestion;
			return this;
		}
		/**
		* Add a prepared subcommand.
		*
		* See .command() for creating an attached subcommand which inherits settings from its parent.
		*
		* @param {Command} cmd - new subcommand
		* @param {object} [opts] - configuration options
		* @return {Command} `this` command for chaining
		*/
		addCommand(cmd, opts) {
			if (!cmd._name) throw new Error(`Command passed to .addCommand() must have a name
- specify the name in Command constructor or using .name()`);
			opts = opts || {};
			if (opts.isDefault) this._defaultCommandName = cmd._name;
			if (opts.noHelp || opts.hidden) cmd._hidden = true;
			this._registerCommand(cmd);
			cmd.parent = this;
			cmd._checkForBrokenPassThrough();
			return this;
		}
		/**
		* Factory routine to create a new unattached argument.
		*
		* See .argument() for creating an attached argument, which uses this routine to
		* create the argument. You can override createArgument to return a custom argument.
		*
		* @param {string} name
		* @param {string} [description]
		* @return {Argument} new argument
		*/
		createArgument(name, description) {
			return new Argument(name, description);
		}
		/**
		* Define argument syntax for command.
		*
		* The default is that the argument is required, and you can explicitly
		* indicate this with <> around the name. Put [] around the name for an optional argument.
		*
		* @example
		* program.argument('<input-file>');
		* program.argument('[output-file]');
		*
		* @param {string} name
		* @param {string} [description]
		* @param {(Function|*)} [parseArg] - custom argument processing function or default value
		* @param {*} [defaultValue]
		* @return {Command} `this` command for chaining
		*/
		argument(name, description, parseArg, defaultValue) {
			const argument = this.createArgument(name, description);
			if (typeof parseArg === "function") argument.default(defaultValue).argParser(parseArg);
			else argument.default(parseArg);
			this.addArgument(argument);
			return this;
		}
		/**
		* Define argument syntax for command, adding multiple at once (without descriptions).
		*
		* See also .argument().
		*
		* @example
		* program.arguments('<cmd> [env]');
		*
		* @param {string} names
		* @return {Command} `this` command for chaining
		*/
		arguments(names) {
			names.trim().split(/ +/).forEach((detail) => {
				this.argument(detail);
			});
			return this;
		}
		/**
		* Define argument syntax for command, adding a prepared argument.
		*
		* @param {Argument} argument
		* @return {Command} `this` command for chaining
		*/
		addArgument(argument) {
			const previousArgument = this.registeredArguments.slice(-1)[0];
			if (previousArgument?.variadic) throw new Error(`only the last argument can be variadic '${previousArgument.name()}'`);
			if (argument.required && argument.defaultValue !== void 0 && argument.parseArg === void 0) throw new Error(`a default value for a required argument is never used: '${argument.name()}'`);
			this.registeredArguments.push(argument);
			return this;
		}
		/**
		* Customise or override default help command. By default a help command is automatically added if your command has subcommands.
		*
		* @example
		*    program.helpCommand('help [cmd]');
		*    program.helpCommand('help [cmd]', 'show help');
		*    program.helpCommand(false); // suppress default help command
		*    program.helpCommand(true); // add help command even if no subcommands
		*
		* @param {string|boolean} enableOrNameAndArgs - enable with custom name and/or arguments, or boolean to override whether added
		* @param {string} [description] - custom description
		* @return {Command} `this` command for chaining
		*/
		helpCommand(enableOrNameAndArgs, description) {
			if (typeof enableOrNameAndArgs === "boolean") {
				this._addImplicitHelpCommand = enableOrNameAndArgs;
				if (enableOrNameAndArgs && this._defaultCommandGroup) this._initCommandGroup(this._getHelpCommand());
				return this;
			}
			const [, helpName, helpArgs] = (enableOrNameAndArgs ?? "help [command]").match(/([^ ]+) *(.*)/);
			const helpDescription = description ?? "display help for command";
			const helpCommand = this.createCommand(helpName);
			helpCommand.helpOption(false);
			if (helpArgs) helpCommand.arguments(helpArgs);
			if (helpDescription) helpCommand.description(helpDescription);
			this._addImplicitHelpCommand = true;
			this._helpCommand = helpCommand;
			if (enableOrNameAndArgs || description) this._initCommandGroup(helpCommand);
			return this;
		}
		/**
		* Add prepared custom help command.
		*
		* @param {(Command|string|boolean)} helpCommand - custom help command, or deprecated enableOrNameAndArgs as for `.helpCommand()`
		* @param {string} [deprecatedDescription] - deprecated custom description used with custom name only
		* @return {Command} `this` command for chaining
		*/
		addHelpCommand(helpCommand, deprecatedDescription) {
			if (typeof helpCommand !== "object") {
				this.helpCommand(helpCommand, deprecatedDescription);
				return this;
			}
			this._addImplicitHelpCommand = true;
			this._helpCommand = helpCommand;
			this._initCommandGroup(helpCommand);
			return this;
		}
		/**
		* Lazy create help command.
		*
		* @return {(Command|null)}
		* @package
		*/
		_getHelpCommand() {
			if (this._addImplicitHelpCommand ?? (this.commands.length && !this._actionHandler && !this._findCommand("help"))) {
				if (this._helpCommand === void 0) this.helpCommand(void 0, void 0);
				return this._helpCommand;
			}
			return null;
		}
		/**
		* Add hook for life cycle event.
		*
		* @param {string} event
		* @param {Function} listener
		* @return {Command} `this` command for chaining
		*/
		hook(event, listener) {
			const allowedValues = [
				"preSubcommand",
				"preAction",
				"postAction"
			];
			if (!allowedValues.includes(event)) throw new Error(`Unexpected value for event passed to hook : '${event}'.
Expecting one of '${allowedValues.join("', '")}'`);
			if (this._lifeCycleHooks[event]) this._lifeCycleHooks[event].push(listener);
			else this._lifeCycleHooks[event] = [listener];
			return this;
		}
		/**
		* Register callback to use as replacement for calling process.exit.
		*
		* @param {Function} [fn] optional callback which will be passed a CommanderError, defaults to throwing
		* @return {Command} `this` command for chaining
		*/
		exitOverride(fn) {
			if (fn) this._exitCallback = fn;
			else this._exitCallback = (err) => {
				if (err.code !== "commander.executeSubCommandAsync") throw err;
			};
			return this;
		}
		/**
		* Call process.exit, and _exitCallback if defined.
		*
		* @param {number} exitCode exit code for using with process.exit
		* @param {string} code an id string representing the error
		* @param {string} message human-readable description of the error
		* @return never
		* @private
		*/
		_exit(exitCode, code, message) {
			if (this._exitCallback) this._exitCallback(new CommanderError(exitCode, code, message));
			process.exit(exitCode);
		}
		/**
		* Register callback `fn` for the command.
		*
		* @example
		* program
		*   .command('serve')
		*   .description('start service')
		*   .action(function() {
		*      // do work here
		*   });
		*
		* @param {Function} fn
		* @return {Command} `this` command for chaining
		*/
		action(fn) {
			const listener = (args) => {
				const expectedArgsCount = this.registeredArguments.length;
				const actionArgs = args.slice(0, expectedArgsCount);
				if (this._storeOptionsAsProperties) actionArgs[expectedArgsCount] = this;
				else actionArgs[expectedArgsCount] = this.opts();
				actionArgs.push(this);
				return fn.apply(this, actionArgs);
			};
			this._actionHandler = listener;
			return this;
		}
		/**
		* Factory routine to create a new unattached option.
		*
		* See .option() for creating an attached option, which uses this routine to
		* create the option. You can override createOption to return a custom option.
		*
		* @param {string} flags
		* @param {string} [description]
		* @return {Option} new option
		*/
		createOption(flags, description) {
			return new Option(flags, description);
		}
		/**
		* Wrap parseArgs to catch 'commander.invalidArgument'.
		*
		* @param {(Option | Argument)} target
		* @param {string} value
		* @param {*} previous
		* @param {string} invalidArgumentMessage
		* @private
		*/
		_callParseArg(target, value, previous, invalidArgumentMessage) {
			try {
				return target.parseArg(value, previous);
			} catch (err) {
				if (err.code === "commander.invalidArgument") {
					const message = `${invalidArgumentMessage} ${err.message}`;
					this.error(message, {
						exitCode: err.exitCode,
						code: err.code
					});
				}
				throw err;
			}
		}
		/**
		* Check for option flag conflicts.
		* Register option if no conflicts found, or throw on conflict.
		*
		* @param {Option} option
		* @private
		*/
		_registerOption(option) {
			const matchingOption = option.short && this._findOption(option.short) || option.long && this._findOption(option.long);
			if (matchingOption) {
				const matchingFlag = option.long && this._findOption(option.long) ? option.long : option.short;
				throw new Error(`Cannot add option '${option.flags}'${this._name && ` to command '${this._name}'`} due to conflicting flag '${matchingFlag}'
-  already used by option '${matchingOption.flags}'`);
			}
			this._initOptionGroup(option);
			this.options.push(option);
		}
		/**
		* Check for command name and alias conflicts with existing commands.
		* Register command if no conflicts found, or throw on conflict.
		*
		* @param {Command} command
		* @private
		*/
		_registerCommand(command) {
			const knownBy = (cmd) => {
				return [cmd.name()].concat(cmd.aliases());
			};
			const alreadyUsed = knownBy(command).find((name) => this._findCommand(name));
			if (alreadyUsed) {
				const existingCmd = knownBy(this._findCommand(alreadyUsed)).join("|");
				const newCmd = knownBy(command).join("|");
				throw new Error(`cannot add command '${newCmd}' as already have command '${existingCmd}'`);
			}
			this._initCommandGroup(command);
			this.commands.push(command);
		}
		/**
		* Add an option.
		*
		* @param {Option} option
		* @return {Command} `this` command for chaining
		*/
		addOption(option) {
			this._registerOption(option);
			const oname = option.name();
			const name = option.attributeName();
			if (option.negate) {
				const positiveLongFlag = option.long.replace(/^--no-/, "--");
				if (!this._findOption(positiveLongFlag)) this.setOptionValueWithSource(name, option.defaultValue === void 0 ? true : option.defaultValue, "default");
			} else if (option.defaultValue !== void 0) this.setOptionValueWithSource(name, option.defaultValue, "default");
			const handleOptionValue = (val, invalidValueMessage, valueSource) => {
				if (val == null && option.presetArg !== void 0) val = option.presetArg;
				const oldValue = this.getOptionValue(name);
				if (val !== null && option.parseArg) val = this._callParseArg(option, val, oldValue, invalidValueMessage);
				else if (val !== null && option.variadic) val = option._collectValue(val, oldValue);
				if (val == null) {
					if (option.negate) val = false;
					else if (option.isBoolean() || option.optional) val = true;
					else val = "";
				}
				this.setOptionValueWithSource(name, val, valueSource);
			};
			this.on("option:" + oname, (val) => {
				const invalidValueMessage = `error: option '${option.flags}' argument '${val}' is invalid.`;
				handleOptionValue(val, invalidValueMessage, "cli");
			});
			if (option.envVar) this.on("optionEnv:" + oname, (val) => {
				const invalidValueMessage = `error: option '${option.flags}' value '${val}' from env '${option.envVar}' is invalid.`;
				handleOptionValue(val, invalidValueMessage, "env");
			});
			return this;
		}
		/**
		* Internal implementation shared by .option() and .requiredOption()
		*
		* @return {Command} `this` command for chaining
		* @private
		*/
		_optionEx(config, flags, description, fn, defaultValue) {
			if (typeof flags === "object" && flags instanceof Option) throw new Error("To add an Option object use addOption() instead of option() or requiredOption()");
			const option = this.createOption(flags, description);
			option.makeOptionMandatory(!!config.mandatory);
			if (typeof fn === "function") option.default(defaultValue).argParser(fn);
			else if (fn instanceof RegExp) {
				const regex = fn;
				fn = (val, def) => {
					const m = regex.exec(val);
					return m ? m[0] : def;
				};
				option.default(defaultValue).argParser(fn);
			} else option.default(fn);
			return this.addOption(option);
		}
		/**
		* Define option with `flags`, `description`, and optional argument parsing function or `defaultValue` or both.
		*
		* The `flags` string contains the short and/or long flags, separated by comma, a pipe or space. A required
		* option-argument is indicated by `<>` and an optional option-argument by `[]`.
		*
		* See the README for more details, and see also addOption() and requiredOption().
		*
		* @example
		* program
		*     .option('-p, --pepper', 'add pepper')
		*     .option('--pt, --pizza-type <TYPE>', 'type of pizza') // required option-argument
		*     .option('-c, --cheese [CHEESE]', 'add extra cheese', 'mozzarella') // optional option-argument with default
		*     .option('-t, --tip <VALUE>', 'add tip to purchase cost', parseFloat) // custom parse function
		*
		* @param {string} flags
		* @param {string} [description]
		* @param {(Function|*)} [parseArg] - custom option processing function or default value
		* @param {*} [defaultValue]
		* @return {Command} `this` command for chaining
		*/
		option(flags, description, parseArg, defaultValue) {
			return this._optionEx({}, flags, description, parseArg, defaultValue);
		}
		/**
		* Add a required option which must have a value after parsing. This usually means
		* the option must be specified on the command line. (Otherwise the same as .option().)
		*
		* The `flags` string contains the short and/or long flags, separated by comma, a pipe or space.
		*
		* @param {string} flags
		* @param {string} [description]
		* @param {(Function|*)} [parseArg] - custom option processing function or default value
		* @param {*} [defaultValue]
		* @return {Command} `this` command for chaining
		*/
		requiredOption(flags, description, parseArg, defaultValue) {
			return this._optionEx({ mandatory: true }, flags, description, parseArg, defaultValue);
		}
		/**
		* Alter parsing of short flags with optional values.
		*
		* @example
		* // for `.option('-f,--flag [value]'):
		* program.combineFlagAndOptionalValue(true);  // `-f80` is treated like `--flag=80`, this is the default behaviour
		* program.combineFlagAndOptionalValue(false) // `-fb` is treated like `-f -b`
		*
		* @param {boolean} [combine] - if `true` or omitted, an optional value can be specified directly after the flag.
		* @return {Command} `this` command for chaining
		*/
		combineFlagAndOptionalValue(combine = true) {
			this._combineFlagAndOptionalValue = !!combine;
			return this;
		}
		/**
		* Allow unknown options on the command line.
		*
		* @param {boolean} [allowUnknown] - if `true` or omitted, no error will be thrown for unknown options.
		* @return {Command} `this` command for chaining
		*/
		allowUnknownOption(allowUnknown = true) {
			this._allowUnknownOption = !!allowUnknown;
			return this;
		}
		/**
		* Allow excess command-arguments on the command line. Pass false to make excess arguments an error.
		*
		* @param {boolean} [allowExcess] - if `true` or omitted, no error will be thrown for excess arguments.
		* @return {Command} `this` command for chaining
		*/
		allowExcessArguments(allowExcess = true) {
			this._allowExcessArguments = !!allowExcess;
			return this;
		}
		/**
		* Enable positional options. Positional means global options are specified before subcommands which lets
		* subcommands reuse the same option names, and also enables subcommands to turn on passThroughOptions.
		* The default behaviour is non-positional and global options may appear anywhere on the command line.
		*
		* @param {boolean} [positional]
		* @return {Command} `this` command for chaining
		*/
		enablePositionalOptions(positional = true) {
			this._enablePositionalOptions = !!positional;
			return this;
		}
		/**
		* Pass through options that come after command-arguments rather than treat them as command-options,
		* so actual command-options come before command-arguments. Turning this on for a subcommand requires
		* positional options to have been enabled on the program (parent commands).
		* The default behaviour is non-positional and options may appear before or after command-arguments.
		*
		* @param {boolean} [passThrough] for unknown options.
		* @return {Command} `this` command for chaining
		*/
		passThroughOptions(passThrough = true) {
			this._passThroughOptions = !!passThrough;
			this._checkForBrokenPassThrough();
			return this;
		}
		/**
		* @private
		*/
		_checkForBrokenPassThrough() {
			if (this.parent && this._passThroughOptions && !this.parent._enablePositionalOptions) throw new Error(`passThroughOptions cannot be used for '${this._name}' without turning on enablePositionalOptions for parent command(s)`);
		}
		/**
		* Whether to store option values as properties on command object,
		* or store separately (specify false). In both cases the option values can be accessed using .opts().
		*
		* @param {boolean} [storeAsProperties=true]
		* @return {Command} `this` command for chaining
		*/
		storeOptionsAsProperties(storeAsProperties = true) {
			if (this.options.length) throw new Error("call .storeOptionsAsProperties() before adding options");
			if (Object.keys(this._optionValues).length) throw new Error("call .storeOptionsAsProperties() before setting option values");
			this._storeOptionsAsProperties = !!storeAsProperties;
			return this;
		}
		/**
		* Retrieve option value.
		*
		* @param {string} key
		* @return {object} value
		*/
		getOptionValue(key) {
			if (this._storeOptionsAsProperties) return this[key];
			return this._optionValues[key];
		}
		/**
		* Store option value.
		*
		* @param {string} key
		* @param {object} value
		* @return {Command} `this` command for chaining
		*/
		setOptionValue(key, value) {
			return this.setOptionValueWithSource(key, value, void 0);
		}
		/**
		* Store option value and where the value came from.
		*
		* @param {string} key
		* @param {object} value
		* @param {string} source - expected values are default/config/env/cli/implied
		* @return {Command} `this` command for chaining
		*/
		setOptionValueWithSource(key, value, source) {
			if (this._storeOptionsAsProperties) this[key] = value;
			else this._optionValues[key] = value;
			this._optionValueSources[key] = source;
			return this;
		}
		/**
		* Get source of option value.
		* Expected values are default | config | env | cli | implied
		*
		* @param {string} key
		* @return {string}
		*/
		getOptionValueSource(key) {
			return this._optionValueSources[key];
		}
		/**
		* Get source of option value. See also .optsWithGlobals().
		* Expected values are default | config | env | cli | implied
		*
		* @param {string} key
		* @return {string}
		*/
		getOptionValueSourceWithGlobals(key) {
			let source;
			this._getCommandAndAncestors().forEach((cmd) => {
				if (cmd.getOptionValueSource(key) !== void 0) source = cmd.getOptionValueSource(key);
			});
			return source;
		}
		/**
		* Get user arguments from implied or explicit arguments.
		* Side-effects: set _scriptPath if args included script. Used for default program name, and subcommand searches.
		*
		* @private
		*/
		_prepareUserArgs(argv, parseOptions) {
			if (argv !== void 0 && !Array.isArray(argv)) throw new Error("first parameter to parse must be array or undefined");
			parseOptions = parseOptions || {};
			if (argv === void 0 && parseOptions.from === void 0) {
				if (process.versions?.electron) parseOptions.from = "electron";
				const execArgv = process.execArgv ?? [];
				if (execArgv.includes("-e") || execArgv.includes("--eval") || execArgv.includes("-p") || execArgv.includes("--print")) parseOptions.from = "eval";
			}
			if (argv === void 0) argv = process.argv;
			this.rawArgs = argv.slice();
			let userArgs;
			switch (parseOptions.from) {
				case void 0:
				case "node":
					this._scriptPath = argv[1];
					userArgs = argv.slice(2);
					break;
				case "electron":
					if (process.defaultApp) {
						this._scriptPath = argv[1];
						userArgs = argv.slice(2);
					} else userArgs = argv.slice(1);
					break;
				case "user":
					userArgs = argv.slice(0);
					break;
				case "eval":
					userArgs = argv.slice(1);
					break;
				default: throw new Error(`unexpected parse option { from: '${parseOptions.from}' }`);
			}
			if (!this._name && this._scriptPath) this.nameFromFilename(this._scriptPath);
			this._name = this._name || "program";
			return userArgs;
		}
		/**
		* Parse `argv`, setting options and invoking commands when defined.
		*
		* Use parseAsync instead of parse if any of your action handlers are async.
		*
		* Call with no parameters to parse `process.argv`. Detects Electron and special node options like `node --eval`. Easy mode!
		*
		* Or call with an array of strings to parse, and optionally where the user arguments start by specifying where the arguments are `from`:
		* - `'node'`: default, `argv[0]` is the application and `argv[1]` is the script being run, with user arguments after that
		* - `'electron'`: `argv[0]` is the application and `argv[1]` varies depending on whether the electron application is packaged
		* - `'user'`: just user arguments
		*
		* @example
		* program.parse(); // parse process.argv and auto-detect electron and special node flags
		* program.parse(process.argv); // assume argv[0] is app and argv[1] is script
		* program.parse(my-args, { from: 'user' }); // just user supplied arguments, nothing special about argv[0]
		*
		* @param {string[]} [argv] - optional, defaults to process.argv
		* @param {object} [parseOptions] - optionally specify style of options with from: node/user/electron
		* @param {string} [parseOptions.from] - where the args are from: 'node', 'user', 'electron'
		* @return {Command} `this` command for chaining
		*/
		parse(argv, parseOptions) {
			this._prepareForParse();
			const userArgs = this._prepareUserArgs(argv, parseOptions);
			this._parseCommand([], userArgs);
			return this;
		}
		/**
		* Parse `argv`, setting options and invoking commands when defined.
		*
		* Call with no parameters to parse `process.argv`. Detects Electron and special node options like `node --eval`. Easy mode!
		*
		* Or call with an array of strings to parse, and optionally where the user arguments start by specifying where the arguments are `from`:
		* - `'node'`: default, `argv[0]` is the application and `argv[1]` is the script being run, with user arguments after that
		* - `'electron'`: `argv[0]` is the application and `argv[1]` varies depending on whether the electron application is packaged
		* - `'user'`: just user arguments
		*
		* @example
		* await program.parseAsync(); // parse process.argv and auto-detect electron and special node flags
		* await program.parseAsync(process.argv); // assume argv[0] is app and argv[1] is script
		* await program.parseAsync(my-args, { from: 'user' }); // just user supplied arguments, nothing special about argv[0]
		*
		* @param {string[]} [argv]
		* @param {object} [parseOptions]
		* @param {string} parseOptions.from - where the args are from: 'node', 'user', 'electron'
		* @return {Promise}
		*/
		async parseAsync(argv, parseOptions) {
			this._prepareForParse();
			const userArgs = this._prepareUserArgs(argv, parseOptions);
			await this._parseCommand([], userArgs);
			return this;
		}
		_prepareForParse() {
			if (this._savedState === null) this.saveStateBeforeParse();
			else this.restoreStateBeforeParse();
		}
		/**
		* Called the first time parse is called to save state and allow a restore before subsequent calls to parse.
		* Not usually called directly, but available for subclasses to save their custom state.
		*
		* This is called in a lazy way. Only commands used in parsing chain will have state saved.
		*/
		saveStateBeforeParse() {
			this._savedState = {
				_name: this._name,
				_optionValues: { ...this._optionValues },
				_optionValueSources: { ...this._optionValueSources }
			};
		}
		/**
		* Restore state before parse for calls after the first.
		* Not usually called directly, but available for subclasses to save their custom state.
		*
		* This is called in a lazy way. Only commands used in parsing chain will have state restored.
		*/
		restoreStateBeforeParse() {
			if (this._storeOptionsAsProperties) throw new Error(`Can not call parse again when storeOptionsAsProperties is true.
- either make a new Command for each call to parse, or stop storing options as properties`);
			this._name = this._savedState._name;
			this._scriptPath = null;
			this.rawArgs = [];
			this._optionValues = { ...this._savedState._optionValues };
			this._optionValueSources = { ...this._savedState._optionValueSources };
			this.args = [];
			this.processedArgs = [];
		}
		/**
		* Throw if expected executable is missing. Add lots of help for author.
		*
		* @param {string} executableFile
		* @param {string} executableDir
		* @param {string} subcommandName
		*/
		_checkForMissingExecutable(executableFile, executableDir, subcommandName) {
			if (fs.existsSync(executableFile)) return;
			const executableMissing = `'${executableFile}' does not exist
 - if '${subcommandName}' is not meant to be an executable command, remove description parameter from '.command()' and use '.description()' instead
 - if the default executable name is not suitable, use the executableFile option to supply a custom name or path
 - ${executableDir ? `searched for local subcommand relative to directory '${executableDir}'` : "no directory for search for local subcommand, use .executableDir() to supply a custom directory"}`;
			throw new Error(executableMissing);
		}
		/**
		* Execute a sub-command executable.
		*
		* @private
		*/
		_executeSubCommand(subcommand, args) {
			args = args.slice();
			let launchWithNode = false;
			const sourceExt = [
				".js",
				".ts",
				".tsx",
				".mjs",
				".cjs"
			];
			function findFile(baseDir, baseName) {
				const localBin = path.resolve(baseDir, baseName);
				if (fs.existsSync(localBin)) return localBin;
				if (sourceExt.includes(path.extname(baseName))) return void 0;
				const foundExt = sourceExt.find((ext) => fs.existsSync(`${localBin}${ext}`));
				if (foundExt) return `${localBin}${foundExt}`;
			}
			this._checkForMissingMandatoryOptions();
			this._checkForConflictingOptions();
			let executableFile = subcommand._executableFile || `${this._name}-${subcommand._name}`;
			let executableDir = this._executableDir || "";
			if (this._scriptPath) {
				let resolvedScriptPath;
				try {
					resolvedScriptPath = fs.realpathSync(this._scriptPath);
				} catch {
					resolvedScriptPath = this._scriptPath;
				}
				executableDir = path.resolve(path.dirname(resolvedScriptPath), executableDir);
			}
			if (executableDir) {
				let localFile = findFile(executableDir, executableFile);
				if (!localFile && !subcommand._executableFile && this._scriptPath) {
					const legacyName = path.basename(this._scriptPath, path.extname(this._scriptPath));
					if (legacyName !== this._name) localFile = findFile(executableDir, `${legacyName}-${subcommand._name}`);
				}
				executableFile = localFile || executableFile;
			}
			launchWithNode = sourceExt.includes(path.extname(executableFile));
			let proc;
			if (process.platform !== "win32") {
				if (launchWithNode) {
					args.unshift(executableFile);
					args = incrementNodeInspectorPort(process.execArgv).concat(args);
					proc = childProcess.spawn(process.argv[0], args, { stdio: "inherit" });
				} else proc = childProcess.spawn(executableFile, args, { stdio: "inherit" });
			} else {
				this._checkForMissingExecutable(executableFile, executableDir, subcommand._name);
				args.unshift(executableFile);
				args = incrementNodeInspectorPort(process.execArgv).concat(args);
				proc = childProcess.spawn(process.execPath, args, { stdio: "inherit" });
			}
			if (!proc.killed) [
				"SIGUSR1",
				"SIGUSR2",
				"SIGTERM",
				"SIGINT",
				"SIGHUP"
			].forEach((signal) => {
				process.on(signal, () => {
					if (proc.killed === false && proc.exitCode === null) proc.kill(signal);
				});
			});
			const exitCallback = this._exitCallback;
			proc.on("close", (code) => {
				code = code ?? 1;
				if (!exitCallback) process.exit(code);
				else exitCallback(new CommanderError(code, "commander.executeSubCommandAsync", "(close)"));
			});
			proc.on("error", (err) => {
				if (err.code === "ENOENT") this._checkForMissingExecutable(executableFile, executableDir, subcommand._name);
				else if (err.code === "EACCES") throw new Error(`'${executableFile}' not executable`);
				if (!exitCallback) process.exit(1);
				else {
					const wrappedError = new CommanderError(1, "commander.executeSubCommandAsync", "(error)");
					wrappedError.nestedError = err;
					exitCallback(wrappedError);
				}
			});
			this.runningCommand = proc;
		}
		/**
		* @private
		*/
		_dispatchSubcommand(commandName, operands, unknown) {
			const subCommand = this._findCommand(commandName);
			if (!subCommand) this.help({ error: true });
			subCommand._prepareForParse();
			let promiseChain;
			promiseChain = this._chainOrCallSubCommandHook(promiseChain, subCommand, "preSubcommand");
			promiseChain = this._chainOrCall(promiseChain, () => {
				if (subCommand._executableHandler) this._executeSubCommand(subCommand, operands.concat(unknown));
				else return subCommand._parseCommand(operands, unknown);
			});
			return promiseChain;
		}
		/**
		* Invoke help directly if possible, or dispatch if necessary.
		* e.g. help foo
		*
		* @private
		*/
		_dispatchHelpCommand(subcommandName) {
			if (!subcommandName) this.help();
			const subCommand = this._findCommand(subcommandName);
			if (subCommand && !subCommand._executableHandler) subCommand.help();
			return this._dispatchSubcommand(subcommandName, [], [this._getHelpOption()?.long ?? this._getHelpOption()?.short ?? "--help"]);
		}
		/**
		* Check this.args against expected this.registeredArguments.
		*
		* @private
		*/
		_checkNumberOfArguments() {
			this.registeredArguments.forEach((arg, i) => {
				if (arg.required && this.args[i] == null) this.missingArgument(arg.name());
			});
			if (this.registeredArguments.length > 0 && this.registeredArguments[this.registeredArguments.length - 1].variadic) return;
			if (this.args.length > this.registeredArguments.length) this._excessArguments(this.args);
		}
		/**
		* Process this.args using this.registeredArguments and save as this.processedArgs!
		*
		* @private
		*/
		_processArguments() {
			const myParseArg = (argument, value, previous) => {
				let parsedValue = value;
				if (value !== null && argument.parseArg) {
					const invalidValueMessage = `error: command-argument value '${value}' is invalid for argument '${argument.name()}'.`;
					parsedValue = this._callParseArg(argument, value, previous, invalidValueMessage);
				}
				return parsedValue;
			};
			this._checkNumberOfArguments();
			const processedArgs = [];
			this.registeredArguments.forEach((declaredArg, index) => {
				let value = declaredArg.defaultValue;
				if (declaredArg.variadic) {
					if (index < this.args.length) {
						value = this.args.slice(index);
						if (declaredArg.parseArg) value = value.reduce((processed, v) => {
							return myParseArg(declaredArg, v, processed);
						}, declaredArg.defaultValue);
					} else if (value === void 0) value = [];
				} else if (index < this.args.length) {
					value = this.args[index];
					if (declaredArg.parseArg) value = myParseArg(declaredArg, value, declaredArg.defaultValue);
				}
				processedArgs[index] = value;
			});
			this.processedArgs = processedArgs;
		}
		/**
		* Once we have a promise we chain, but call synchronously until then.
		*
		* @param {(Promise|undefined)} promise
		* @param {Function} fn
		* @return {(Promise|undefined)}
		* @private
		*/
		_chainOrCall(promise, fn) {
			if (promise?.then && typeof promise.then === "function") return promise.then(() => fn());
			return fn();
		}
		/**
		*
		* @param {(Promise|undefined)} promise
		* @param {string} event
		* @return {(Promise|undefined)}
		* @private
		*/
		_chainOrCallHooks(promise, event) {
			let result = promise;
			const hooks = [];
			this._getCommandAndAncestors().reverse().filter((cmd) => cmd._lifeCycleHooks[event] !== void 0).forEach((hookedCommand) => {
				hookedCommand._lifeCycleHooks[event].forEach((callback) => {
					hooks.push({
						hookedCommand,
						callback
					});
				});
			});
			if (event === "postAction") hooks.reverse();
			hooks.forEach((hookDetail) => {
				result = this._chainOrCall(result, () => {
					return hookDetail.callback(hookDetail.hookedCommand, this);
				});
			});
			return result;
		}
		/**
		*
		* @param {(Promise|undefined)} promise
		* @param {Command} subCommand
		* @param {string} event
		* @return {(Promise|undefined)}
		* @private
		*/
		_chainOrCallSubCommandHook(promise, subCommand, event) {
			let result = promise;
			if (this._lifeCycleHooks[event] !== void 0) this._lifeCycleHooks[event].forEach((hook) => {
				result = this._chainOrCall(result, () => {
					return hook(this, subCommand);
				});
			});
			return result;
		}
		/**
		* Process arguments in context of this command.
		* Returns action result, in case it is a promise.
		*
		* @private
		*/
		_parseCommand(operands, unknown) {
			const parsed = this.parseOptions(unknown);
			this._parseOptionsEnv();
			this._parseOptionsImplied();
			operands = operands.concat(parsed.operands);
			unknown = parsed.unknown;
			this.args = operands.concat(unknown);
			if (operands && this._findCommand(operands[0])) return this._dispatchSubcommand(operands[0], operands.slice(1), unknown);
			if (this._getHelpCommand() && operands[0] === this._getHelpCommand().name()) return this._dispatchHelpCommand(operands[1]);
			if (this._defaultCommandName) {
				this._outputHelpIfRequested(unknown);
				return this._dispatchSubcommand(this._defaultCommandName, operands, unknown);
			}
			if (this.commands.length && this.args.length === 0 && !this._actionHandler && !this._defaultCommandName) this.help({ error: true });
			this._outputHelpIfRequested(parsed.unknown);
			this._checkForMissingMandatoryOptions();
			this._checkForConflictingOptions();
			const checkForUnknownOptions = () => {
				if (parsed.unknown.length > 0) this.unknownOption(parsed.unknown[0]);
			};
			const commandEvent = `command:${this.name()}`;
			if (this._actionHandler) {
				checkForUnknownOptions();
				this._processArguments();
				let promiseChain;
				promiseChain = this._chainOrCallHooks(promiseChain, "preAction");
				promiseChain = this._chainOrCall(promiseChain, () => this._actionHandler(this.processedArgs));
				if (this.parent) promiseChain = this._chainOrCall(promiseChain, () => {
					this.parent.emit(commandEvent, operands, unknown);
				});
				promiseChain = this._chainOrCallHooks(promiseChain, "postAction");
				return promiseChain;
			}
			if (this.parent?.listenerCount(commandEvent)) {
				checkForUnknownOptions();
				this._processArguments();
				this.parent.emit(commandEvent, operands, unknown);
			} else if (operands.length) {
				if (this._findCommand("*")) return this._dispatchSubcommand("*", operands, unknown);
				if (this.listenerCount("command:*")) this.emit("command:*", operands, unknown);
				else if (this.commands.length) this.unknownCommand();
				else {
					checkForUnknownOptions();
					this._processArguments();
				}
			} else if (this.commands.length) {
				checkForUnknownOptions();
				this.help({ error: true });
			} else {
				checkForUnknownOptions();
				this._processArguments();
			}
		}
		/**
		* Find matching command.
		*
		* @private
		* @return {Command | undefined}
		*/
		_findCommand(name) {
			if (!name) return void 0;
			return this.commands.find((cmd) => cmd._name === name || cmd._aliases.includes(name));
		}
		/**
		* Return an option matching `arg` if any.
		*
		* @param {string} arg
		* @return {Option}
		* @package
		*/
		_findOption(arg) {
			return this.options.find((option) => option.is(arg));
		}
		/**
		* Display an error message if a mandatory option does not have a value.
		* Called after checking for help flags in leaf subcommand.
		*
		* @private
		*/
		_checkForMissingMandatoryOptions() {
			this._getCommandAndAncestors().forEach((cmd) => {
				cmd.options.forEach((anOption) => {
					if (anOption.mandatory && cmd.getOptionValue(anOption.attributeName()) === void 0) cmd.missingMandatoryOptionValue(anOption);
				});
			});
		}
		/**
		* Display an error message if conflicting options are used together in this.
		*
		* @private
		*/
		_checkForConflictingLocalOptions() {
			const definedNonDefaultOptions = this.options.filter((option) => {
				const optionKey = option.attributeName();
				if (this.getOptionValue(optionKey) === void 0) return false;
				return this.getOptionValueSource(optionKey) !== "default";
			});
			definedNonDefaultOptions.filter((option) => option.conflictsWith.length > 0).forEach((option) => {
				const conflictingAndDefined = definedNonDefaultOptions.find((defined) => option.conflictsWith.includes(defined.attributeName()));
				if (conflictingAndDefined) this._conflictingOption(option, conflictingAndDefined);
			});
		}
		/**
		* Display an error message if conflicting options are used together.
		* Called after checking for help flags in leaf subcommand.
		*
		* @private
		*/
		_checkForConflictingOptions() {
			this._getCommandAndAncestors().forEach((cmd) => {
				cmd._checkForConflictingLocalOptions();
			});
		}
		/**
		* Parse options from `argv` removing known options,
		* and return argv split into operands and unknown arguments.
		*
		* Side effects: modifies command by storing options. Does not reset state if called again.
		*
		* Examples:
		*
		*     argv => operands, unknown
		*     --known kkk op => [op], []
		*     op --known kkk => [op], []
		*     sub --unknown uuu op => [sub], [--unknown uuu op]
		*     sub -- --unknown uuu op => [sub --unknown uuu op], []
		*
		* @param {string[]} args
		* @return {{operands: string[], unknown: string[]}}
		*/
		parseOptions(args) {
			const operands = [];
			const unknown = [];
			let dest = operands;
			function maybeOption(arg) {
				return arg.length > 1 && arg[0] === "-";
			}
			const negativeNumberArg = (arg) => {
				if (!/^-(\d+|\d*\.\d+)(e[+-]?\d+)?$/.test(arg)) return false;
				return !this._getCommandAndAncestors().some((cmd) => cmd.options.map((opt) => opt.short).some((short) => /^-\d$/.test(short)));
			};
			let activeVariadicOption = null;
			let activeGroup = null;
			let i = 0;
			while (i < args.length || activeGroup) {
				const arg = activeGroup ?? args[i++];
				activeGroup = null;
				if (arg === "--") {
					if (dest === unknown) dest.push(arg);
					dest.push(...args.slice(i));
					break;
				}
				if (activeVariadicOption && (!maybeOption(arg) || negativeNumberArg(arg))) {
					this.emit(`option:${activeVariadicOption.name()}`, arg);
					continue;
				}
				activeVariadicOption = null;
				if (maybeOption(arg)) {
					const option = this._findOption(arg);
					if (option) {
						if (option.required) {
							const value = args[i++];
							if (value === void 0) this.optionMissingArgument(option);
							this.emit(`option:${option.name()}`, value);
						} else if (option.optional) {
							let value = null;
							if (i < args.length && (!maybeOption(args[i]) || negativeNumberArg(args[i]))) value = args[i++];
							this.emit(`option:${option.name()}`, value);
						} else this.emit(`option:${option.name()}`);
						activeVariadicOption = option.variadic ? option : null;
						continue;
					}
				}
				if (arg.length > 2 && arg[0] === "-" && arg[1] !== "-") {
					const option = this._findOption(`-${arg[1]}`);
					if (option) {
						if (option.required || option.optional && this._combineFlagAndOptionalValue) this.emit(`option:${option.name()}`, arg.slice(2));
						else {
							this.emit(`option:${option.name()}`);
							activeGroup = `-${arg.slice(2)}`;
						}
						continue;
					}
				}
				if (/^--[^=]+=/.test(arg)) {
					const index = arg.indexOf("=");
					const option = this._findOption(arg.slice(0, index));
					if (option && (option.required || option.optional)) {
						this.emit(`option:${option.name()}`, arg.slice(index + 1));
						continue;
					}
				}
				if (dest === operands && maybeOption(arg) && !(this.commands.length === 0 && negativeNumberArg(arg))) dest = unknown;
				if ((this._enablePositionalOptions || this._passThroughOptions) && operands.length === 0 && unknown.length === 0) {
					if (this._findCommand(arg)) {
						operands.push(arg);
						unknown.push(...args.slice(i));
						break;
					} else if (this._getHelpCommand() && arg === this._getHelpCommand().name()) {
						operands.push(arg, ...args.slice(i));
						break;
					} else if (this._defaultCommandName) {
						unknown.push(arg, ...args.slice(i));
						break;
					}
				}
				if (this._passThroughOptions) {
					dest.push(arg, ...args.slice(i));
					break;
				}
				dest.push(arg);
			}
			return {
				operands,
				unknown
			};
		}
		/**
		* Return an object containing local option values as key-value pairs.
		*
		* @return {object}
		*/
		opts() {
			if (this._storeOptionsAsProperties) {
				const result = {};
				const len = this.options.length;
				for (let i = 0; i < len; i++) {
					const key = this.options[i].attributeName();
					result[key] = key === this._versionOptionName ? this._version : this[key];
				}
				return result;
			}
			return this._optionValues;
		}
		/**
		* Return an object containing merged local and global option values as key-value pairs.
		*
		* @return {object}
		*/
		optsWithGlobals() {
			return this._getCommandAndAncestors().reduce((combinedOptions, cmd) => Object.assign(combinedOptions, cmd.opts()), {});
		}
		/**
		* Display error message and exit (or call exitOverride).
		*
		* @param {string} message
		* @param {object} [errorOptions]
		* @param {string} [errorOptions.code] - an id string representing the error
		* @param {number} [errorOptions.exitCode] - used with process.exit
		*/
		error(message, errorOptions) {
			this._outputConfiguration.outputError(`${message}\n`, this._outputConfiguration.writeErr);
			if (typeof this._showHelpAfterError === "string") this._outputConfiguration.writeErr(`${this._showHelpAfterError}\n`);
			else if (this._showHelpAfterError) {
				this._outputConfiguration.writeErr("\n");
				this.outputHelp({ error: true });
			}
			const config = errorOptions || {};
			const exitCode = config.exitCode || 1;
			const code = config.code || "commander.error";
			this._exit(exitCode, code, message);
		}
		/**
		* Apply any option related environment variables, if option does
		* not have a value from cli or client code.
		*
		* @private
		*/
		_parseOptionsEnv() {
			this.options.forEach((option) => {
				if (option.envVar && option.envVar in process.env) {
					const optionKey = option.attributeName();
					if (this.getOptionValue(optionKey) === void 0 || [
						"default",
						"config",
						"env"
					].includes(this.getOptionValueSource(optionKey))) {
						if (option.required || option.optional) this.emit(`optionEnv:${option.name()}`, process.env[option.envVar]);
						else this.emit(`optionEnv:${option.name()}`);
					}
				}
			});
		}
		/**
		* Apply any implied option values, if option is undefined or default value.
		*
		* @private
		*/
		_parseOptionsImplied() {
			const dualHelper = new DualOptions(this.options);
			const hasCustomOptionValue = (optionKey) => {
				return this.getOptionValue(optionKey) !== void 0 && !["default", "implied"].includes(this.getOptionValueSource(optionKey));
			};
			this.options.filter((option) => option.implied !== void 0 && hasCustomOptionValue(option.attributeName()) && dualHelper.valueFromOption(this.getOptionValue(option.attributeName()), option)).forEach((option) => {
				Object.keys(option.implied).filter((impliedKey) => !hasCustomOptionValue(impliedKey)).forEach((impliedKey) => {
					this.setOptionValueWithSource(impliedKey, option.implied[impliedKey], "implied");
				});
			});
		}
		/**
		* Argument `name` is missing.
		*
		* @param {string} name
		* @private
		*/
		missingArgument(name) {
			const message = `error: missing required argument '${name}'`;
			this.error(message, { code: "commander.missingArgument" });
		}
		/**
		* `Option` is missing an argument.
		*
		* @param {Option} option
		* @private
		*/
		optionMissingArgument(option) {
			const message = `error: option '${option.flags}' argument missing`;
			this.error(message, { code: "commander.optionMissingArgument" });
		}
		/**
		* `Option` does not have a value, and is a mandatory option.
		*
		* @param {Option} option
		* @private
		*/
		missingMandatoryOptionValue(option) {
			const message = `error: required option '${option.flags}' not specified`;
			this.error(message, { code: "commander.missingMandatoryOptionValue" });
		}
		/**
		* `Option` conflicts with another option.
		*
		* @param {Option} option
		* @param {Option} conflictingOption
		* @private
		*/
		_conflictingOption(option, conflictingOption) {
			const findBestOptionFromValue = (option) => {
				const optionKey = option.attributeName();
				const optionValue = this.getOptionValue(optionKey);
				const negativeOption = this.options.find((target) => target.negate && optionKey === target.attributeName());
				const positiveOption = this.options.find((target) => !target.negate && optionKey === target.attributeName());
				if (negativeOption && (negativeOption.presetArg === void 0 && optionValue === false || negativeOption.presetArg !== void 0 && optionValue === negativeOption.presetArg)) return negativeOption;
				return positiveOption || option;
			};
			const getErrorMessage = (option) => {
				const bestOption = findBestOptionFromValue(option);
				const optionKey = bestOption.attributeName();
				if (this.getOptionValueSource(optionKey) === "env") return `environment variable '${bestOption.envVar}'`;
				return `option '${bestOption.flags}'`;
			};
			const message = `error: ${getErrorMessage(option)} cannot be used with ${getErrorMessage(conflictingOption)}`;
			this.error(message, { code: "commander.conflictingOption" });
		}
		/**
		* Unknown option `flag`.
		*
		* @param {string} flag
		* @private
		*/
		unknownOption(flag) {
			if (this._allowUnknownOption) return;
			let suggestion = "";
			if (flag.startsWith("--") && this._showSuggestionAfterError) {
				let candidateFlags = [];
				let command = this;
				do {
					const moreFlags = command.createHelp().visibleOptions(command).filter((option) => option.long).map((option) => option.long);
					candidateFlags = candidateFlags.concat(moreFlags);
					command = command.parent;
				} while (command && !command._enablePositionalOptions);
				suggestion = suggestSimilar(flag, candidateFlags);
			}
			const message = `error: unknown option '${flag}'${suggestion}`;
			this.error(message, { code: "commander.unknownOption" });
		}
		/**
		* Excess arguments, more than expected.
		*
		* @param {string[]} receivedArgs
		* @private
		*/
		_excessArguments(receivedArgs) {
			if (this._allowExcessArguments) return;
			const expected = this.registeredArguments.length;
			const s = expected === 1 ? "" : "s";
			const message = `error: too many arguments${this.parent ? ` for '${this.name()}'` : ""}. Expected ${expected} argument${s} but got ${receivedArgs.length}.`;
			this.error(message, { code: "commander.excessArguments" });
		}
		/**
		* Unknown command.
		*
		* @private
		*/
		unknownCommand() {
			const unknownName = this.args[0];
			let suggestion = "";
			if (this._showSuggestionAfterError) {
				const candidateNames = [];
				this.createHelp().visibleCommands(this).forEach((command) => {
					candidateNames.push(command.name());
					if (command.alias()) candidateNames.push(command.alias());
				});
				suggestion = suggestSimilar(unknownName, candidateNames);
			}
			const message = `error: unknown command '${unknownName}'${suggestion}`;
			this.error(message, { code: "commander.unknownCommand" });
		}
		/**
		* Get or set the program version.
		*
		* This method auto-registers the "-V, --version" option which will print the version number.
		*
		* You can optionally supply the flags and description to override the defaults.
		*
		* @param {string} [str]
		* @param {string} [flags]
		* @param {string} [description]
		* @return {(this | string | undefined)} `this` command for chaining, or version string if no arguments
		*/
		version(str, flags, description) {
			if (str === void 0) return this._version;
			this._version = str;
			flags = flags || "-V, --version";
			description = description || "output the version number";
			const versionOption = this.createOption(flags, description);
			this._versionOptionName = versionOption.attributeName();
			this._registerOption(versionOption);
			this.on("option:" + versionOption.name(), () => {
				this._outputConfiguration.writeOut(`${str}\n`);
				this._exit(0, "commander.version", str);
			});
			return this;
		}
		/**
		* Set the description.
		*
		* @param {string} [str]
		* @param {object} [argsDescription]
		* @return {(string|Command)}
		*/
		description(str, argsDescription) {
			if (str === void 0 && argsDescription === void 0) return this._description;
			this._description = str;
			if (argsDescription) this._argsDescription = argsDescription;
			return this;
		}
		/**
		* Set the summary. Used when listed as subcommand of parent.
		*
		* @param {string} [str]
		* @return {(string|Command)}
		*/
		summary(str) {
			if (str === void 0) return this._summary;
			this._summary = str;
			return this;
		}
		/**
		* Set an alias for the command.
		*
		* You may call more than once to add multiple aliases. Only the first alias is shown in the auto-generated help.
		*
		* @param {string} [alias]
		* @return {(string|Command)}
		*/
		alias(alias) {
			if (alias === void 0) return this._aliases[0];
			/** @type {Command} */
			let command = this;
			if (this.commands.length !== 0 && this.commands[this.commands.length - 1]._executableHandler) command = this.commands[this.commands.length - 1];
			if (alias === command._name) throw new Error("Command alias can't be the same as its name");
			const matchingCommand = this.parent?._findCommand(alias);
			if (matchingCommand) {
				const existingCmd = [matchingCommand.name()].concat(matchingCommand.aliases()).join("|");
				throw new Error(`cannot add alias '${alias}' to command '${this.name()}' as already have command '${existingCmd}'`);
			}
			command._aliases.push(alias);
			return this;
		}
		/**
		* Set aliases for the command.
		*
		* Only the first alias is shown in the auto-generated help.
		*
		* @param {string[]} [aliases]
		* @return {(string[]|Command)}
		*/
		aliases(aliases) {
			if (aliases === void 0) return this._aliases;
			aliases.forEach((alias) => this.alias(alias));
			return this;
		}
		/**
		* Set / get the command usage `str`.
		*
		* @param {string} [str]
		* @return {(string|Command)}
		*/
		usage(str) {
			if (str === void 0) {
				if (this._usage) return this._usage;
				const args = this.registeredArguments.map((arg) => {
					return humanReadableArgName(arg);
				});
				return [].concat(this.options.length || this._helpOption !== null ? "[options]" : [], this.commands.length ? "[command]" : [], this.registeredArguments.length ? args : []).join(" ");
			}
			this._usage = str;
			return this;
		}
		/**
		* Get or set the name of the command.
		*
		* @param {string} [str]
		* @return {(string|Command)}
		*/
		name(str) {
			if (str === void 0) return this._name;
			this._name = str;
			return this;
		}
		/**
		* Set/get the help group heading for this subcommand in parent command's help.
		*
		* @param {string} [heading]
		* @return {Command | string}
		*/
		helpGroup(heading) {
			if (heading === void 0) return this._helpGroupHeading ?? "";
			this._helpGroupHeading = heading;
			return this;
		}
		/**
		* Set/get the default help group heading for subcommands added to this command.
		* (This does not override a group set directly on the subcommand using .helpGroup().)
		*
		* @example
		* program.commandsGroup('Development Commands:);
		* program.command('watch')...
		* program.command('lint')...
		* ...
		*
		* @param {string} [heading]
		* @returns {Command | string}
		*/
		commandsGroup(heading) {
			if (heading === void 0) return this._defaultCommandGroup ?? "";
			this._defaultCommandGroup = heading;
			return this;
		}
		/**
		* Set/get the default help group heading for options added to this command.
		* (This does not override a group set directly on the option using .helpGroup().)
		*
		* @example
		* program
		*   .optionsGroup('Development Options:')
		*   .option('-d, --debug', 'output extra debugging')
		*   .option('-p, --profile', 'output profiling information')
		*
		* @param {string} [heading]
		* @returns {Command | string}
		*/
		optionsGroup(heading) {
			if (heading === void 0) return this._defaultOptionGroup ?? "";
			this._defaultOptionGroup = heading;
			return this;
		}
		/**
		* @param {Option} option
		* @private
		*/
		_initOptionGroup(option) {
			if (this._defaultOptionGroup && !option.helpGroupHeading) option.helpGroup(this._defaultOptionGroup);
		}
		/**
		* @param {Command} cmd
		* @private
		*/
		_initCommandGroup(cmd) {
			if (this._defaultCommandGroup && !cmd.helpGroup()) cmd.helpGroup(this._defaultCommandGroup);
		}
		/**
		* Set the name of the command from script filename, such as process.argv[1],
		* or require.main.filename, or __filename.
		*
		* (Used internally and public although not documented in README.)
		*
		* @example
		* program.nameFromFilename(require.main.filename);
		*
		* @param {string} filename
		* @return {Command}
		*/
		nameFromFilename(filename) {
			this._name = path.basename(filename, path.extname(filename));
			return this;
		}
		/**
		* Get or set the directory for searching for executable subcommands of this command.
		*
		* @example
		* program.executableDir(__dirname);
		* // or
		* program.executableDir('subcommands');
		*
		* @param {string} [path]
		* @return {(string|null|Command)}
		*/
		executableDir(path) {
			if (path === void 0) return this._executableDir;
			this._executableDir = path;
			return this;
		}
		/**
		* Return program help documentation.
		*
		* @param {{ error: boolean }} [contextOptions] - pass {error:true} to wrap for stderr instead of stdout
		* @return {string}
		*/
		helpInformation(contextOptions) {
			const helper = this.createHelp();
			const context = this._getOutputContext(contextOptions);
			helper.prepareContext({
				error: context.error,
				helpWidth: context.helpWidth,
				outputHasColors: context.hasColors
			});
			const text = helper.formatHelp(this, helper);
			if (context.hasColors) return text;
			return this._outputConfiguration.stripColor(text);
		}
		/**
		* @typedef HelpContext
		* @type {object}
		* @property {boolean} error
		* @property {number} helpWidth
		* @property {boolean} hasColors
		* @property {function} write - includes stripColor if needed
		*
		* @returns {HelpContext}
		* @private
		*/
		_getOutputContext(contextOptions) {
			contextOptions = contextOptions || {};
			const error = !!contextOptions.error;
			let baseWrite;
			let hasColors;
			let helpWidth;
			if (error) {
				baseWrite = (str) => this._outputConfiguration.writeErr(str);
				hasColors = this._outputConfiguration.getErrHasColors();
				helpWidth = this._outputConfiguration.getErrHelpWidth();
			} else {
				baseWrite = (str) => this._outputConfiguration.writeOut(str);
				hasColors = this._outputConfiguration.getOutHasColors();
				helpWidth = this._outputConfiguration.getOutHelpWidth();
			}
			const write = (str) => {
				if (!hasColors) str = this._outputConfiguration.stripColor(str);
				return baseWrite(str);
			};
			return {
				error,
				write,
				hasColors,
				helpWidth
			};
		}
		/**
		* Output help information for this command.
		*
		* Outputs built-in help, and custom text added using `.addHelpText()`.
		*
		* @param {{ error: boolean } | Function} [contextOptions] - pass {error:true} to write to stderr instead of stdout
		*/
		outputHelp(contextOptions) {
			let deprecatedCallback;
			if (typeof contextOptions === "function") {
				deprecatedCallback = contextOptions;
				contextOptions = void 0;
			}
			const outputContext = this._getOutputContext(contextOptions);
			/** @type {HelpTextEventContext} */
			const eventContext = {
				error: outputContext.error,
				write: outputContext.write,
				command: this
			};
			this._getCommandAndAncestors().reverse().forEach((command) => command.emit("beforeAllHelp", eventContext));
			this.emit("beforeHelp", eventContext);
			let helpInformation = this.helpInformation({ error: outputContext.error });
			if (deprecatedCallback) {
				helpInformation = deprecatedCallback(helpInformation);
				if (typeof helpInformation !== "string" && !Buffer.isBuffer(helpInformation)) throw new Error("outputHelp callback must return a string or a Buffer");
			}
			outputContext.write(helpInformation);
			if (this._getHelpOption()?.long) this.emit(this._getHelpOption().long);
			this.emit("afterHelp", eventContext);
			this._getCommandAndAncestors().forEach((command) => command.emit("afterAllHelp", eventContext));
		}
		/**
		* You can pass in flags and a description to customise the built-in help option.
		* Pass in false to disable the built-in help option.
		*
		* @example
		* program.helpOption('-?, --help' 'show help'); // customise
		* program.helpOption(false); // disable
		*
		* @param {(string | boolean)} flags
		* @param {string} [description]
		* @return {Command} `this` command for chaining
		*/
		helpOption(flags, description) {
			if (typeof flags === "boolean") {
				if (flags) {
					if (this._helpOption === null) this._helpOption = void 0;
					if (this._defaultOptionGroup) this._initOptionGroup(this._getHelpOption());
				} else this._helpOption = null;
				return this;
			}
			this._helpOption = this.createOption(flags ?? "-h, --help", description ?? "display help for command");
			if (flags || description) this._initOptionGroup(this._helpOption);
			return this;
		}
		/**
		* Lazy create help option.
		* Returns null if has been disabled with .helpOption(false).
		*
		* @returns {(Option | null)} the help option
		* @package
		*/
		_getHelpOption() {
			if (this._helpOption === void 0) this.helpOption(void 0, void 0);
			return this._helpOption;
		}
		/**
		* Supply your own option to use for the built-in help option.
		* This is an alternative to using helpOption() to customise the flags and description etc.
		*
		* @param {Option} option
		* @return {Command} `this` command for chaining
		*/
		addHelpOption(option) {
			this._helpOption = option;
			this._initOptionGroup(option);
			return this;
		}
		/**
		* Output help information and exit.
		*
		* Outputs built-in help, and custom text added using `.addHelpText()`.
		*
		* @param {{ error: boolean }} [contextOptions] - pass {error:true} to write to stderr instead of stdout
		*/
		help(contextOptions) {
			this.outputHelp(contextOptions);
			let exitCode = Number(process.exitCode ?? 0);
			if (exitCode === 0 && contextOptions && typeof contextOptions !== "function" && contextOptions.error) exitCode = 1;
			this._exit(exitCode, "commander.help", "(outputHelp)");
		}
		/**
		* // Do a little typing to coordinate emit and listener for the help text events.
		* @typedef HelpTextEventContext
		* @type {object}
		* @property {boolean} error
		* @property {Command} command
		* @property {function} write
		*/
		/**
		* Add additional text to be displayed with the built-in help.
		*
		* Position is 'before' or 'after' to affect just this command,
		* and 'beforeAll' or 'afterAll' to affect this command and all its subcommands.
		*
		* @param {string} position - before or after built-in help
		* @param {(string | Function)} text - string to add, or a function returning a string
		* @return {Command} `this` command for chaining
		*/
		addHelpText(position, text) {
			const allowedValues = [
				"beforeAll",
				"before",
				"after",
				"afterAll"
			];
			if (!allowedValues.includes(position)) throw new Error(`Unexpected value for position to addHelpText.
Expecting one of '${allowedValues.join("', '")}'`);
			const helpEvent = `${position}Help`;
			this.on(helpEvent, (context) => {
				let helpStr;
				if (typeof text === "function") helpStr = text({
					error: context.error,
					command: context.command
				});
				else helpStr = text;
				if (helpStr) context.write(`${helpStr}\n`);
			});
			return this;
		}
		/**
		* Output help information if help flags specified
		*
		* @param {Array} args - array of options to search for help flags
		* @private
		*/
		_outputHelpIfRequested(args) {
			const helpOption = this._getHelpOption();
			if (helpOption && args.find((arg) => helpOption.is(arg))) {
				this.outputHelp();
				this._exit(0, "commander.helpDisplayed", "(outputHelp)");
			}
		}
	};
	/**
	* Scan arguments and increment port number for inspect calls (to avoid conflicts when spawning new command).
	*
	* @param {string[]} args - array of arguments from node.execArgv
	* @returns {string[]}
	* @private
	*/
	function incrementNodeInspectorPort(args) {
		return args.map((arg) => {
			if (!arg.startsWith("--inspect")) return arg;
			let debugOption;
			let debugHost = "127.0.0.1";
			let debugPort = "9229";
			let match;
			if ((match = arg.match(/^(--inspect(-brk)?)$/)) !== null) debugOption = match[1];
			else if ((match = arg.match(/^(--inspect(-brk|-port)?)=([^:]+)$/)) !== null) {
				debugOption = match[1];
				if (/^\d+$/.test(match[3])) debugPort = match[3];
				else debugHost = match[3];
			} else if ((match = arg.match(/^(--inspect(-brk|-port)?)=([^:]+):(\d+)$/)) !== null) {
				debugOption = match[1];
				debugHost = match[3];
				debugPort = match[4];
			}
			if (debugOption && debugPort !== "0") return `${debugOption}=${debugHost}:${parseInt(debugPort) + 1}`;
			return arg;
		});
	}
	/**
	* @returns {boolean | undefined}
	* @package
	*/
	function useColor() {
		if (process.env.NO_COLOR || process.env.FORCE_COLOR === "0" || process.env.FORCE_COLOR === "false") return false;
		if (process.env.FORCE_COLOR || process.env.CLICOLOR_FORCE !== void 0) return true;
	}
	exports.Command = Command;
	exports.useColor = useColor;
}));
const { program, createCommand, createArgument, createOption, CommanderError, InvalidArgumentError, InvalidOptionArgumentError, Command, Argument, Option, Help } = (/* @__PURE__ */ __toESM((/* @__PURE__ */ __commonJSMin(((exports) => {
	const { Argument } = require_argument();
	const { Command } = require_command();
	const { CommanderError, InvalidArgumentError } = require_error();
	const { Help } = require_help();
	const { Option } = require_option();
	exports.program = new Command();
	exports.createCommand = (name) => new Command(name);
	exports.createOption = (flags, description) => new Option(flags, description);
	exports.createArgument = (name, description) => new Argument(name, description);
	/**
	* Expose classes
	*/
	exports.Command = Command;
	exports.Option = Option;
	exports.Argument = Argument;
	exports.Help = Help;
	exports.CommanderError = CommanderError;
	exports.InvalidArgumentError = InvalidArgumentError;
	exports.InvalidOptionArgumentError = InvalidArgumentError;
})))(), 1)).default;
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
// src/names.ts
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
// src/cli/command-line.ts
/** `box-token`: what the commands share. */
/** A command that cannot be carried out as given: one line, exit code 1. */
var UsageError = class extends Error {
	name = "UsageError";
};
/** The flags that all commands have. */
const sharedFlags = [
	{
		form: "--repo <owner/name>",
		meaning: "repository that holds the secrets (default: the git remote \"origin\")"
	},
	{
		form: "--environment <name>",
		meaning: "use an environment's secrets instead of the repository's"
	},
	{
		form: "--organization <name>",
		meaning: "use an organization's secrets instead"
	},
	{
		form: "--secret-name <name>",
		meaning: "secret that holds the refresh token (default: BOX_REFRESH_TOKEN)"
	},
	{
		form: "--state-variable <name>",
		meaning: "Actions variable through which jobs share one token, if they do"
	},
	{
		form: "--box-api-url <url>",
		meaning: "Box's API (default: https://api.box.com)"
	},
	{
		form: "--github-api-url <url>",
		meaning: "GitHub's API (default: GITHUB_API_URL, or https://api.github.com)"
	},
	{
		form: "--json",
		meaning: "print only the result, as JSON, on standard output"
	}
];
/**
* The narrator of the protocol's parts at a terminal: it only says what they are waiting for. A command ends with one
* line, its result or what went wrong, and the warnings of those parts concern later runs.
*/
function narratorFor({ redactor, tell }) {
	return {
		mask: (secret) => redactor.add(secret),
		info: () => {},
		warning: () => {},
		waiting: tell,
		foreign: (words) => redactor.foreign(words)
	};
}
/** A flag's value; an empty one counts as not given. */
function textOf(flags, name) {
	const value = flags[name];
	return typeof value === "string" && value !== "" ? value : void 0;
}
/**
* A flag's value, checked.
*
* @returns `undefined` if it was not given
* @throws UsageError
*/
function parsed(flags, name, parse) {
	const value = textOf(flags, name);
	return value === void 0 ? void 0 : checked(`--${name}`, value, parse);
}
function checked(name, value, parse) {
	const result = parse(value);
	if (result === void 0) throw new UsageError(`${name} is not valid`);
	return result;
}
/**
* Works out which secret is meant, from the flags and the git remote.
*
* @param presetName the secret's name without `--secret-name`
* @param fromRemote whether to ask the person, if there is one, to confirm a repository taken from the git remote
* @throws UsageError
*/
async function readTarget(terminal, flags, presetName = "BOX_REFRESH_TOKEN", fromRemote = "take") {
	const environment = parsed(flags, "environment", parseEnvironmentName);
	const organization = parsed(flags, "organization", parseOwner);
	if (environment !== void 0 && organization !== void 0) throw new UsageError("give --environment or --organization, not both");
	const secretName = parsed(flags, "secret-name", parseSecretName) ?? presetName;
	const given = textOf(flags, "repo") ?? (organization === void 0 ? await repositoryOfRemote(terminal) : void 0);
	if (given === void 0 && organization === void 0) throw new UsageError("give --repo owner/name: this folder has no git remote \"origin\" on GitHub");
	const repository = given === void 0 ? {
		owner: "",
		repo: ""
	} : checked("--repo", given, parseRepository);
	if (fromRemote === "confirm" && given !== void 0 && textOf(flags, "repo") === void 0) {
		const question = `Set up ${given} (the git remote "origin" of this folder)?`;
		if (terminal.prompts && !await terminal.prompts.confirm(question, true)) throw new UsageError("give the right repository with --repo owner/name. Nothing was written.");
	}
	return {
		...repository,
		environment,
		organization,
		secretName
	};
}
/** `owner/name` from the git remote "origin", in any form of address that git accepts. */
async function repositoryOfRemote(terminal) {
	const url = (await terminal.run("git", [
		"remote",
		"get-url",
		"origin"
	]))?.trim();
	return url === void 0 ? void 0 : /[/:]([^/:]+\/[^/]+?)(?:\.git)?\/?$/.exec(url)?.[1];
}
/** GitHub's API, from the flag or the environment; `undefined` if neither names it. */
function readGitHubApiUrl({ variables }, flags) {
	const value = textOf(flags, "github-api-url") ?? (variables["GITHUB_API_URL"] || void 0);
	return value === void 0 ? void 0 : checked("--github-api-url", value, parseApiUrl);
}
/** Box's API. */
function readBoxApiUrl(flags) {
	return parsed(flags, "box-api-url", parseApiUrl) ?? "https://api.box.com";
}
/** With a capital first letter, to begin a sentence. */
function capital(text) {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
// src/cli/credentials.ts
/** The app's client id. */
const clientIdAsked = {
	name: "BOX_CLIENT_ID",
	question: "Client id of your Box app (Developer Console, Configuration)",
	public: true
};
/** The app's client secret. */
const clientSecretAsked = {
	name: "BOX_CLIENT_SECRET",
	question: "Client secret of your Box app (Developer Console, Configuration)"
};
const oddCharacters = "contains spaces, line breaks or other unexpected characters";
/** A credential from the environment; `undefined` if it is not there. */
function givenCredential(terminal, { name, ...asked }) {
	const value = terminal.variables[name]?.trim() ?? "";
	if (value === "") return void 0;
	if (!asked.public) terminal.redactor.add(value);
	if (!isCredential(value)) throw new UsageError(`${name} ${oddCharacters}`);
	return value;
}
/**
* A credential, from the environment or the person.
*
* @throws UsageError that names it if nobody can be asked
*/
async function readCredential(terminal, asked) {
	const given = givenCredential(terminal, asked);
	if (given !== void 0) return given;
	return askCredential(terminal, asked);
}
/**
* Asks the person for a credential.
*
* @param mayBeEmpty whether the person may leave it out
* @throws UsageError if nobody can be asked
*/
async function askCredential(terminal, asked, mayBeEmpty = false) {
	const { prompts } = terminal;
	if (!prompts) throw new UsageError(`set ${asked.name} in the environment`);
	const check = (answer) => {
		if (answer === "") return mayBeEmpty ? void 0 : "Please enter a value.";
		return isCredential(answer) ? void 0 : `This ${oddCharacters}.`;
	};
	const value = await (asked.public ? prompts.text(asked.question, check) : prompts.secret(asked.question, check));
	if (!asked.public) terminal.redactor.add(value);
	return value;
}
/**
* The app's credentials.
*
* @throws UsageError that names all that are missing if nobody can be asked
*/
async function readBoxApp(terminal) {
	const missing = [clientIdAsked, clientSecretAsked].filter((asked) => givenCredential(terminal, asked) === void 0);
	if (missing.length > 0 && !terminal.prompts) throw new UsageError(`set ${missing.map(({ name }) => name).join(" and ")} in the environment`);
	return {
		clientId: await readCredential(terminal, clientIdAsked),
		clientSecret: await readCredential(terminal, clientSecretAsked)
	};
}
/** A token for the GitHub server at an address: from the environment, GitHub's own command line, or the person. */
async function readGitHubToken(terminal, apiUrl) {
	const asked = {
		name: "GITHUB_TOKEN",
		question: "A GitHub token that can write the secrets (used only now, not stored)"
	};
	const given = givenCredential(terminal, asked);
	if (given !== void 0) return given;
	const host = new URL(apiUrl).hostname.replace(/^api\./, "");
	const token = (await terminal.run("gh", [
		"auth",
		"token",
		"--hostname",
		host
	]))?.trim();
	if (token) {
		terminal.redactor.add(token);
		return token;
	}
	if (!terminal.prompts) throw new UsageError("set GITHUB_TOKEN in the environment, or sign in with `gh auth login`");
	return readCredential(terminal, asked);
}
/** The optional further secret in the key of everything that is sealed; `undefined` if there is none. */
function readStateKey(terminal) {
	const value = terminal.variables["BOX_STATE_KEY"]?.trim() || void 0;
	if (value !== void 0) terminal.redactor.add(value);
	return value;
}
function isCredential(value) {
	return /^[\x21-\x7e]+$/.test(value);
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
		const judged = judge$1(response, body);
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
		const judged = judge$1(response, body);
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
function judge$1(response, body) {
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
function parse$2(options) {
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
	return parse$2(merge(defaults, route, options));
}
function withDefaults$1(oldDefaults, newDefaults) {
	const DEFAULTS2 = merge(oldDefaults, newDefaults);
	const endpoint2 = endpointWithDefaults.bind(null, DEFAULTS2);
	return Object.assign(endpoint2, {
		DEFAULTS: DEFAULTS2,
		defaults: withDefaults$1.bind(null, DEFAULTS2),
		merge: merge.bind(null, DEFAULTS2),
		parse: parse$2
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
function parse$1(header, options) {
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
	const mimetype = parse$1(contentType);
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
const certificateRemedy = "If that is a proxy or server of your own, set NODE_EXTRA_CA_CERTS for this step to the certificate file of its CA. Don't turn certificate checks off.";
`${signInAgain()}`;
/** A server's own words in brackets, or nothing. */
function quoted$1(subject, words) {
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
	return `it answered ${status}${kind}${quoted$1(subject, last.message)}${id}${presentName(subject, last.movedTo)}${because}`;
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
function unusableKey$1({ secret }) {
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
	const what = `GitHub answered ${status} to a request to ${act} the ${title}${quoted$1(subject, message)}`;
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
	return `it answered ${refused} to a request for ${at}${quoted$1(subject, message)}${why === void 0 ? "" : `: ${why}`}`;
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
/** Words for an account that is switched off: Box doesn't document how it says that a user can't sign in. */
const inactiveWords = /\b(?:user|account)\b[^.]*\b(?:inactive|not active|deactivated|disabled|suspended|locked|deleted)\b|\b(?:inactive|deactivated|disabled|suspended|locked|deleted)\s+(?:user|account)\b/i;
/** Whether Box's words suggest that it rejects the grant because of the user: it would reject a new sign-in, too. */
function isOfInactiveUser({ description }) {
	return inactiveWords.test(description);
}
/** What helps a user whom Box doesn't let in. */
const activateUser = "Ask an admin of your Box enterprise to reactivate the user (Admin Console, Users & Groups)";
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
// src/github/pages.ts
/** Lists that GitHub returns page by page. */
/** More pages than any list can have, so that a server whose list never ends does not keep us busy for ever. */
const mostPages$1 = 100;
/**
* Reads all pages of a list (`per_page`, `page`; the answer has `total_count` and the entries under one name).
*
* @param key name of the entries in the answer
* @param perPage the largest page that GitHub allows for this list: usually 100, but 30 for variables
* @param entryIn takes what is needed from one entry; `undefined` means that the answer is not usable
* @throws GitHubUnavailable
*/
async function readPages(client, request, { key, perPage }, budget, entryIn) {
	const entries = [];
	for (let page = 1; page <= mostPages$1; page += 1) {
		const parameters = {
			...request.parameters,
			per_page: perPage,
			page
		};
		const answer = await client.request({
			route: request.route,
			parameters
		}, budget, (reply) => refusal(reply) ?? pageIn$2(reply, key, entryIn));
		if ("refused" in answer) return answer;
		entries.push(...answer.entries);
		if (answer.entries.length === 0 || entries.length >= answer.total) break;
	}
	return entries;
}
function pageIn$2({ status, data }, key, entryIn) {
	if (status !== 200 || !isRecord(data) || typeof data["total_count"] !== "number") return void 0;
	const list = data[key];
	if (!Array.isArray(list)) return void 0;
	const entries = [];
	for (const item of list) {
		const entry = isRecord(item) ? entryIn(item) : void 0;
		if (entry === void 0) return void 0;
		entries.push(entry);
	}
	return {
		entries,
		total: data["total_count"]
	};
}
// src/github/repository.ts
/**
* Reads the facts about a repository (`GET /repos/{owner}/{repo}`).
*
* @throws GitHubUnavailable
*/
async function readRepository(client, { owner, repo }, budget) {
	const answer = await client.request({
		route: "GET /repos/{owner}/{repo}",
		parameters: {
			owner,
			repo
		}
	}, budget, (reply) => refusal(reply) ?? (isRedirect(reply.status) ? { redirect: reply } : factsIn(reply)));
	if (!("redirect" in answer)) return answer;
	return {
		renamed: true,
		to: await client.presentName(answer.redirect, budget)
	};
}
function factsIn({ status, data, moment }) {
	if (status !== 200 || !isRecord(data)) return void 0;
	const { private: isPrivate, default_branch: defaultBranch, html_url: page } = data;
	if (typeof isPrivate !== "boolean" || typeof defaultBranch !== "string" || typeof page !== "string") return void 0;
	const pushedAt = typeof data["pushed_at"] === "string" ? Date.parse(data["pushed_at"]) : NaN;
	return {
		isPrivate,
		isArchived: data["archived"] === true,
		isOfOrganization: isRecord(data["owner"]) && data["owner"]["type"] === "Organization",
		defaultBranch,
		page,
		pushedAt: Number.isNaN(pushedAt) ? void 0 : pushedAt,
		moment
	};
}
/**
* Lists the names of a repository's environments (`GET /repos/{owner}/{repo}/environments`, permission "Actions: read").
*
* @throws GitHubUnavailable
*/
async function readEnvironmentNames(client, { owner, repo }, budget) {
	return readPages(client, {
		route: "GET /repos/{owner}/{repo}/environments",
		parameters: {
			owner,
			repo
		}
	}, {
		key: "environments",
		perPage: 100
	}, budget, nameIn$1);
}
/**
* Lists the names, in upper case, of the organization's secrets that a repository's jobs may use
* (`GET /repos/{owner}/{repo}/actions/organization-secrets`, permission "Secrets: read").
*
* @throws GitHubUnavailable
*/
async function readOrganizationSecretNames(client, { owner, repo }, budget) {
	const names = await readPages(client, {
		route: "GET /repos/{owner}/{repo}/actions/organization-secrets",
		parameters: {
			owner,
			repo
		}
	}, {
		key: "secrets",
		perPage: 100
	}, budget, nameIn$1);
	return "refused" in names ? names : new Set(names.map((name) => name.toUpperCase()));
}
/**
* Lists the organization's variables that a repository's jobs may read, by their names in upper case
* (`GET /repos/{owner}/{repo}/actions/organization-variables`, permission "Variables: read").
*
* @throws GitHubUnavailable
*/
async function readOrganizationVariables(client, { owner, repo }, budget) {
	const all = await readPages(client, {
		route: "GET /repos/{owner}/{repo}/actions/organization-variables",
		parameters: {
			owner,
			repo
		}
	}, {
		key: "variables",
		perPage: 30
	}, budget, ({ name, value }) => typeof name === "string" && typeof value === "string" ? [name.toUpperCase(), value] : void 0);
	return "refused" in all ? all : new Map(all);
}
function nameIn$1({ name }) {
	return typeof name === "string" ? name : void 0;
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
// src/cli/secrets.ts
/**
* The secrets that a command writes, all in one place: first proves that it can write them (rule 1), then writes them one
* by one. A command is not a workflow run, so it words its failures itself.
*/
/** How many refusals (4xx) to accept: they may pass, but a person does not want to wait long. */
const mostRefusals = 3;
/**
* Proves that a token may write secrets of one place, whether or not they exist: the public key can be read, each secret
* can be looked at, and an empty write is refused because it is empty, and not because of who sent it.
*
* @throws Failure `cannot-write-secret` or `github-unavailable`
*/
async function proveSecrets(work, secrets) {
	const [first] = secrets;
	const { environment, retryFor } = work;
	const budget = new RetryBudget(environment, retryFor);
	try {
		const key = await keyOf(work, first, budget);
		if ("refused" in key) throw refusedBy(work, first, "read the public key for", key);
		await sealingReady();
		if (!canSeal(key)) throw unusableKey(work, first);
		return {
			key,
			secrets: await Promise.all(secrets.map((secret) => proveSecret(work, secret, budget)))
		};
	} catch (error) {
		throw inWords(work, first, error);
	} finally {
		budget.end();
	}
}
/** The public key of a place. Rule 8: a place created just now may not be visible yet; a write probe is always current. */
async function keyOf({ environment, retryFor }, secret, budget) {
	const patience = new Patience(environment, retryFor);
	for (let isThere;;) {
		const key = await secret.publicKey(budget);
		if (!("refused" in key) || key.refused !== 404) return key;
		isThere ??= (await secret.probeWrite(budget)).answer !== "no";
		if (!isThere || !await patience.pause()) return key;
	}
}
async function proveSecret(work, secret, budget) {
	const [answer, probe] = await Promise.all([secret.metadata(budget), secret.probeWrite(budget)]);
	if (probe.answer === "no") throw refusedBy(work, secret, "write", probe);
	const now = probe.status < 300 ? await secret.metadata(budget) : answer;
	if ("refused" in now) {
		if (now.refused === 404) return {
			secret,
			metadata: void 0,
			settings: {}
		};
		throw refusedBy(work, secret, "look at", now);
	}
	const settings = await secret.settings(now, budget);
	if ("refused" in settings) throw refusedBy(work, secret, "look at", settings);
	if ("incomplete" in settings) throw new Failure("cannot-write-secret", {
		what: `The ${secret.title} cannot be written without changing who may use it: ${settings.incomplete}.`,
		spent: work.soFar(),
		next: `Give ${work.tokenName} access to all repositories of the organization, or make the secret available to all repositories or to all private ones.`
	});
	return {
		secret,
		metadata: now,
		settings: settings.body
	};
}
/**
* Writes one proven secret, whatever it holds now, and retries for as long as that may help.
*
* @param fence the time, by the monotonic clock (milliseconds), after which nothing may be written
* @returns `Written` if it is stored
*/
async function writeSecret(work, place, { secret, settings }, value, fence) {
	const { environment, narrator, retryFor } = work;
	const budget = new RetryBudget(environment, retryFor, fence);
	const subject = subjectOf({
		secret,
		retryFor,
		narrator
	});
	let key = place.key;
	let mayBeStored = false;
	const keys = new Patience(environment, retryFor);
	for (let refusals = 0;;) {
		let problem;
		let waitMs;
		key ??= await freshKey$1(secret, budget);
		if (budget.isFenced()) return {
			problem: "there was no time left",
			mayBeStored
		};
		if (key === void 0) {
			problem = "its public key can no longer be read";
			refusals += 1;
		} else {
			const outcome = await secret.write(sealFor(key, value), key.keyId, settings, budget);
			const status = outcome.last instanceof TransportError ? void 0 : outcome.last.status;
			if (status === 201 || status === 204) return { writtenAt: outcome.kind === "answer" ? outcome.last.moment?.date : void 0 };
			if (status === 422) key = void 0;
			if (status === 422 && !budget.isFenced() && await keys.pause()) continue;
			if (status !== void 0 && status >= 400 && status < 500 && outcome.kind === "answer") refusals += 1;
			mayBeStored ||= outcome.mayHaveArrived && !(status !== void 0 && status >= 400 && status < 500);
			problem = describeGitHub(subject, outcome.last);
			waitMs = outcome.waitMs;
		}
		if (refusals >= mostRefusals || !await budget.pause(waitMs)) return {
			problem,
			mayBeStored
		};
	}
}
async function freshKey$1(secret, budget) {
	try {
		const key = await secret.publicKey(budget);
		return "refused" in key || !canSeal(key) ? void 0 : key;
	} catch (error) {
		if (error instanceof GitHubUnavailable) return void 0;
		throw error;
	}
}
/**
* Asks GitHub something else that is part of the proof.
*
* @throws Failure `github-unavailable`
*/
async function askGitHub(work, secret, ask) {
	try {
		return await ask(new RetryBudget(work.environment, work.retryFor));
	} catch (error) {
		throw inWords(work, secret, error);
	}
}
function inWords(work, secret, error) {
	if (!(error instanceof GitHubUnavailable)) return error;
	const subject = subjectOf({
		secret,
		retryFor: work.retryFor,
		narrator: work.narrator
	});
	const { last } = error;
	const movedTo = last instanceof TransportError ? void 0 : last.movedTo;
	const described = describeGitHub(subject, last);
	const certificate = last instanceof TransportError && last.fault === "certificate";
	return new Failure("github-unavailable", {
		what: `GitHub gave no usable answer: ${described}.`,
		spent: work.soFar(),
		next: certificate ? "If that is a proxy or server of your own, set NODE_EXTRA_CA_CERTS to the certificate file of its CA, then run this again." : movedTo === void 0 ? "Check --repo and --github-api-url, and run this again later. For outages, see https://www.githubstatus.com." : `Use --repo ${work.narrator.foreign(movedTo)}, and update the git remote.`
	});
}
function unusableKey(work, { title }) {
	return new Failure("github-unavailable", {
		what: `The public key that GitHub sent for the ${title} cannot be used.`,
		spent: work.soFar(),
		next: "Check --github-api-url and any proxy or firewall between this machine and GitHub."
	});
}
/** A command's token, for the remedies for a refusal. */
function askerAtTerminal(tokenName, permission) {
	return {
		token: tokenName,
		wanted: `${writingTokens} for this place with ${permission}`,
		machine: "this machine",
		again: "run this again"
	};
}
/** GitHub's refusal, in words. */
function refusedBy({ narrator, tokenName, soFar }, { place, title }, act, answer) {
	const { refused, message } = answer;
	const words = narrator.foreign(message);
	const what = `GitHub answered ${refused} when ${tokenName} tried to ${act} the ${title}${words === "" ? "" : ` ("${words}")`}`;
	const asker = askerAtTerminal(tokenName, place.permission);
	const failure = (reason, next) => new Failure("cannot-write-secret", {
		what: `${what}: ${reason}.`,
		spent: soFar(),
		next
	});
	const remedy = remedyFor(answer, asker);
	if (remedy) return failure(remedy.reason, remedy.next);
	if (refused === 401) return failure("the token is not valid or has expired", `Create a new one: ${writingTokens} with ${place.permission}.`);
	if (refused === 404 && act !== "write") return failure(place.absent, `Check the name, and that ${tokenName} has access to this place, with ${place.permission}.`);
	return failure("the token is not allowed to do that", `Use ${asker.wanted} as ${tokenName}.${besidesPermission(answer)}`);
}
// src/cli/write-token.ts
/** The token that the workflow will write with: takes it and tests it, or explains how to create one. */
/** Name of the environment variable, and of the secret, for what the workflow writes with. */
const writeTokenName = "BOX_SECRETS_TOKEN";
/** The write token. */
const writeTokenAsked = {
	name: writeTokenName,
	question: "The token that the workflow will write with (leave empty to skip this for now)"
};
/** How to create a write token, with the exact permissions and no others. */
function howToMake({ target, apiUrl, stateVariable }) {
	const { owner, repo, environment, organization } = target;
	const whose = organization ?? owner;
	const shares = stateVariable !== void 0;
	const permissions = organization === void 0 ? environment === void 0 ? `repository permissions "Secrets: Read and write"${shares ? ", \"Variables: Read and write\"" : ""} and "Actions: Read"` : "repository permissions \"Environments: Read and write\" and \"Actions: Read\"" : `organization permission${shares ? "s \"Secrets: Read and write\" and \"Variables: Read and write\"" : " \"Secrets: Read and write\""}, repository permission "Actions: Read"`;
	const reach = repo === "" ? "the repositories whose workflows use it" : `only ${owner}/${repo}`;
	return [
		`The workflow needs its own token to write the secret with, stored as ${writeTokenName}. Create a fine-grained personal access token:`,
		`  ${newTokenUrl({
			target,
			apiUrl,
			stateVariable
		})}`,
		`  Resource owner: ${whose}. Repository access: ${reach}. ${capital(permissions)}; no others.`
	];
}
/** GitHub's page for a new token, filled in as far as possible (GitHub Docs, "Pre-filling \u2026 using URL parameters"). */
function newTokenUrl({ target, apiUrl, stateVariable }) {
	const { owner, repo, environment, organization } = target;
	if (apiUrl !== "https://api.github.com") return "on your GitHub server: Settings, Developer settings, Fine-grained tokens";
	const url = new URL("https://github.com/settings/personal-access-tokens/new");
	url.search = new URLSearchParams({
		name: `Box token${repo === "" ? "" : ` of ${repo}`}`.slice(0, 40),
		target_name: organization ?? owner,
		[organization === void 0 ? environment === void 0 ? "secrets" : "environments" : "organization_secrets"]: "write",
		...stateVariable === void 0 || environment !== void 0 ? {} : { [organization === void 0 ? "variables" : "organization_variables"]: "write" },
		actions: "read"
	}).toString();
	return url.href;
}
/**
* Takes the write token from the environment or the person, and proves by using it that it may write (rule 1).
*
* @param isThere whether the secret exists already: then nobody is asked for another token
* @param proveMore proves what else the token has to be able to do
* @returns `undefined` if there is none
* @throws Failure or UsageError if it may not write
*/
async function takeWriteToken(terminal, { network }, work, needs, isThere, proveMore) {
	const given = givenCredential(terminal, writeTokenAsked);
	if (given === void 0 && (isThere || !terminal.prompts)) return void 0;
	if (given === void 0) howToMake(needs).forEach(terminal.tell);
	const token = given ?? await askCredential(terminal, writeTokenAsked, true);
	if (token === "") return void 0;
	if (/^gh[su]_/.test(token)) throw new UsageError(`${writeTokenName} is a GitHub App token, which expires within hours: create a fine-grained personal access token, or let the workflow create an App token in each run`);
	const client = new GitHubClient({
		network,
		apiUrl: needs.apiUrl,
		token
	});
	const { secrets } = await proveSecrets({
		...work,
		tokenName: writeTokenName
	}, [secretOf(client, needs.target)]);
	await proveMore(client, writeTokenName);
	const expiresAt = secrets[0]?.metadata?.tokenExpiresAt;
	if (expiresAt !== void 0) terminal.tell(`${writeTokenName} expires on ${isoSeconds(expiresAt)}: run this again with a new one before then.`);
	return token;
}
// node_modules/universal-github-app-jwt/lib/utils.js
/**
* @param {string} privateKey
* @returns {boolean}
*/
function isPkcs1(privateKey) {
	return privateKey.includes("-----BEGIN RSA PRIVATE KEY-----");
}
/**
* @param {string} privateKey
* @returns {boolean}
*/
function isOpenSsh(privateKey) {
	return privateKey.includes("-----BEGIN OPENSSH PRIVATE KEY-----");
}
/**
* @param {string} str
* @returns {ArrayBuffer}
*/
function string2ArrayBuffer(str) {
	const buf = new ArrayBuffer(str.length);
	const bufView = new Uint8Array(buf);
	for (let i = 0, strLen = str.length; i < strLen; i++) bufView[i] = str.charCodeAt(i);
	return buf;
}
/**
* @param {string} pem
* @returns {ArrayBuffer}
*/
function getDERfromPEM(pem) {
	const pemB64 = pem.trim().split("\n").slice(1, -1).join("");
	return string2ArrayBuffer(atob(pemB64));
}
/**
* @param {import('../internals').Header} header
* @param {import('../internals').Payload} payload
* @returns {string}
*/
function getEncodedMessage(header, payload) {
	return `${base64encodeJSON(header)}.${base64encodeJSON(payload)}`;
}
/**
* @param {ArrayBuffer} buffer
* @returns {string}
*/
function base64encode(buffer) {
	var binary = "";
	var bytes = new Uint8Array(buffer);
	var len = bytes.byteLength;
	for (var i = 0; i < len; i++) binary += String.fromCharCode(bytes[i]);
	return fromBase64(btoa(binary));
}
/**
* @param {string} base64
* @returns {string}
*/
function fromBase64(base64) {
	return base64.replace(/=/g, "").replace(/\+/g, "-").replace(/\//g, "_");
}
/**
* @param {Record<string,unknown>} obj
* @returns {string}
*/
function base64encodeJSON(obj) {
	return fromBase64(btoa(JSON.stringify(obj)));
}
// node_modules/universal-github-app-jwt/lib/crypto-node.js
function convertPrivateKey(privateKey) {
	if (!isPkcs1(privateKey)) return privateKey;
	return (0,node_crypto__WEBPACK_IMPORTED_MODULE_11__.createPrivateKey)(privateKey).export({
		type: "pkcs8",
		format: "pem"
	});
}
// node_modules/universal-github-app-jwt/lib/get-token.js
/**
* @param {import('../internals').GetTokenOptions} options
* @returns {Promise<string>}
*/
async function getToken({ privateKey, payload }) {
	const convertedPrivateKey = convertPrivateKey(privateKey);
	/* c8 ignore start */
	if (isPkcs1(convertedPrivateKey)) throw new Error("[universal-github-app-jwt] Private Key is in PKCS#1 format, but only PKCS#8 is supported. See https://github.com/gr2m/universal-github-app-jwt#private-key-formats");
	/* c8 ignore stop */
	if (isOpenSsh(convertedPrivateKey)) throw new Error("[universal-github-app-jwt] Private Key is in OpenSSH format, but only PKCS#8 is supported. See https://github.com/gr2m/universal-github-app-jwt#private-key-formats");
	const algorithm = {
		name: "RSASSA-PKCS1-v1_5",
		hash: { name: "SHA-256" }
	};
	/** @type {import('../internals').Header} */
	const header = {
		alg: "RS256",
		typ: "JWT"
	};
	const privateKeyDER = getDERfromPEM(convertedPrivateKey);
	const importedKey = await node_crypto__WEBPACK_IMPORTED_MODULE_11__.subtle.importKey("pkcs8", privateKeyDER, algorithm, false, ["sign"]);
	const encodedMessage = getEncodedMessage(header, payload);
	const encodedMessageArrBuf = string2ArrayBuffer(encodedMessage);
	return `${encodedMessage}.${base64encode(await node_crypto__WEBPACK_IMPORTED_MODULE_11__.subtle.sign(algorithm.name, importedKey, encodedMessageArrBuf))}`;
}
// node_modules/universal-github-app-jwt/index.js
/**
* @param {import(".").Options} options
* @returns {Promise<import(".").Result>}
*/
async function githubAppJwt({ id, privateKey, now = Math.floor(Date.now() / 1e3) }) {
	const privateKeyWithNewlines = privateKey.replace(/\\n/g, "\n");
	const nowWithSafetyMargin = now - 30;
	const expiration = nowWithSafetyMargin + 600;
	return {
		appId: id,
		expiration,
		token: await getToken({
			privateKey: privateKeyWithNewlines,
			payload: {
				iat: nowWithSafetyMargin,
				exp: expiration,
				iss: id
			}
		})
	};
}
// src/github/apps.ts
/**
* GitHub Apps: exchanging a manifest's code for the App's key, and what an App can find out about itself with a JSON Web
* Token that is signed with that key.
*/
/**
* Exchanges the code of a manifest (`POST /app-manifests/{code}/conversions`). It works once, within an hour.
*
* @param client one without a token: GitHub needs only the code
* @param mask called with each secret in the answer before anything else is done with it
* @throws GitHubUnavailable
*/
async function convertManifest(client, code, budget, mask) {
	const request = {
		route: "POST /app-manifests/{code}/conversions",
		parameters: { code }
	};
	let answerLost = false;
	for (;;) {
		const outcome = await client.try(request, budget);
		if (outcome.kind === "answer") {
			const { status, data, message, moment } = outcome.last;
			for (const secret of secretsIn(data)) mask(secret);
			const app = status === 201 ? newAppIn(data, moment) : void 0;
			if (app) return {
				kind: "app",
				app
			};
			if (status >= 400) return {
				kind: "refused",
				status,
				message,
				answerLost
			};
		}
		answerLost ||= outcome.mayHaveArrived;
		if (!await budget.pause(outcome.waitMs)) throw new GitHubUnavailable(outcome.last, outcome.waitMs);
	}
}
/** Every secret in the answer, including those that nobody needs; for a key, its lines as well. */
function secretsIn(data) {
	if (!isRecord(data)) return [];
	return [
		data["pem"],
		data["client_secret"],
		data["webhook_secret"]
	].filter((value) => typeof value === "string").flatMap((text) => text.includes("-----BEGIN") ? secretsOfKey(text) : [text]);
}
/**
* A private key in every form in which it could show up: as a whole, and its Base64 content as one line and line by line.
*/
function secretsOfKey(privateKey) {
	const lines = privateKey.split(/\r?\n|\\n/).filter((line) => line !== "" && !line.startsWith("-----"));
	return [
		privateKey,
		lines.join(""),
		...lines
	];
}
function newAppIn(data, moment) {
	if (!isRecord(data)) return void 0;
	const { client_id: clientId, pem, slug, name, owner } = data;
	const login = isRecord(owner) ? owner["login"] ?? owner["slug"] : void 0;
	if (typeof clientId !== "string" || !/^[\w.-]+$/.test(clientId)) return void 0;
	if (typeof slug !== "string" || !/^[\w-]+$/.test(slug)) return void 0;
	if (typeof pem !== "string" || readPrivateKey(pem) === void 0) return void 0;
	if (typeof name !== "string" || typeof login !== "string") return void 0;
	return {
		clientId,
		privateKey: pem,
		slug,
		name,
		owner: login,
		moment
	};
}
/**
* Reads a private key: PEM, with line breaks or with `\n` in place of them.
*
* @returns the key as PEM; `undefined` if it is not an RSA key, the kind that GitHub gives to Apps
*/
function readPrivateKey(text) {
	const pem = `${text.replaceAll(String.raw`\n`, "\n").replaceAll("\r\n", "\n").trim()}\n`;
	try {
		return (0,node_crypto__WEBPACK_IMPORTED_MODULE_11__.createPrivateKey)(pem).asymmetricKeyType === "rsa" ? pem : void 0;
	} catch {
		return;
	}
}
/** Asks GitHub about an App, as that App. */
var AppSession = class {
	#network;
	#apiUrl;
	#credentials;
	#moment;
	/** @param moment GitHub's time, if known: a JWT is valid from its own time on, for at most ten minutes */
	constructor(connection, credentials, moment) {
		this.#network = connection.network;
		this.#apiUrl = connection.apiUrl;
		this.#credentials = credentials;
		this.#moment = moment;
	}
	/**
	* Which App this is (`GET /app`).
	*
	* @throws GitHubUnavailable
	*/
	async facts(budget) {
		return this.#ask({
			route: "GET /app",
			parameters: {}
		}, budget, ({ status, data }) => {
			if (status !== 200 || !isRecord(data) || !isRecord(data["owner"])) return void 0;
			const { name, slug, owner } = data;
			const login = owner["login"] ?? owner["slug"];
			return typeof name === "string" && typeof slug === "string" && typeof login === "string" ? {
				name,
				slug,
				owner: login
			} : void 0;
		});
	}
	/**
	* How it is installed (`GET /repos/{owner}/{repo}/installation`, or `GET /orgs/{org}/installation`); a refusal with 404
	* if it is not installed there.
	*
	* @throws GitHubUnavailable
	*/
	async installation({ owner, repo }, budget) {
		const request = repo === "" ? {
			route: "GET /orgs/{org}/installation",
			parameters: { org: owner }
		} : {
			route: "GET /repos/{owner}/{repo}/installation",
			parameters: {
				owner,
				repo
			}
		};
		return this.#ask(request, budget, ({ status, data }) => status === 200 && isRecord(data) ? installationIn(data) : void 0);
	}
	async #ask(request, budget, read) {
		const { clock } = this.#network;
		for (const hasTime of [this.#moment !== void 0, true]) {
			const now = this.#moment === void 0 ? clock.wall() : serverNow(this.#moment, clock);
			const { clientId, privateKey } = this.#credentials;
			const { token } = await githubAppJwt({
				id: clientId,
				privateKey,
				now: Math.floor(now / 1e3)
			});
			const answer = await new GitHubClient({
				network: this.#network,
				apiUrl: this.#apiUrl,
				token
			}).request(request, budget, (reply) => {
				this.#moment = reply.moment ?? this.#moment;
				return refusal(reply) ?? read(reply);
			});
			const isUnauthorized = typeof answer === "object" && answer !== null && "refused" in answer && answer.refused === 401;
			if (hasTime || !isUnauthorized) return answer;
		}
		throw new Error("the second token decides");
	}
};
function installationIn(data) {
	const { app_slug: slug, client_id: clientId, permissions, suspended_at: suspendedAt } = data;
	if (typeof slug !== "string" || !isRecord(permissions)) return void 0;
	const levels = Object.entries(permissions).filter((entry) => typeof entry[1] === "string");
	return {
		slug,
		clientId: typeof clientId === "string" ? clientId : void 0,
		permissions: Object.fromEntries(levels),
		isSuspended: typeof suspendedAt === "string",
		isEverywhere: data["repository_selection"] === "all"
	};
}
/**
* Lists the Apps that are installed in an organization (`GET /orgs/{org}/installations`; fine-grained permission
* "Administration: Read" of the organization).
*
* @throws GitHubUnavailable
*/
async function readInstallations(client, org, budget) {
	return readPages(client, {
		route: "GET /orgs/{org}/installations",
		parameters: { org }
	}, {
		key: "installations",
		perPage: 100
	}, budget, installationIn);
}
// src/github/server.ts
/** The web pages of a GitHub server, found from its API: where a person creates, installs and deletes an App. */
/** The path of GitHub Enterprise Server's API. */
const enterpriseBase = "/api/v3";
/**
* The server that an API belongs to (GitHub Docs, "Getting started with the REST API"): `https://api.github.com`,
* `https://api.TENANT.ghe.com` on GHE.com, `https://HOST/api/v3` on GitHub Enterprise Server.
*
* @param apiUrl without a final slash
*/
function serverOf(apiUrl) {
	const { protocol, host, origin, pathname } = new URL(apiUrl);
	const isEnterpriseServer = pathname.endsWith(enterpriseBase);
	if (isEnterpriseServer) return {
		url: `${origin}${pathname.slice(0, -7)}`,
		isEnterpriseServer
	};
	return {
		url: `${protocol}//${host.replace(/^api\./, "")}`,
		isEnterpriseServer
	};
}
/** The URL to post a manifest to (GitHub Docs, "Registering a GitHub App from a manifest"). */
function newAppUrl(server, organization, state) {
	const query = new URLSearchParams({ state }).toString();
	return `${settingsUrl(server, organization)}/new?${query}`;
}
/** The page where an App is installed; only its owner can see a private App there. */
function installUrl({ url, isEnterpriseServer }, slug) {
	return `${url}/${isEnterpriseServer ? "github-apps" : "apps"}/${encodeURIComponent(slug)}/installations/new`;
}
/** The page that lists an account's Apps; with `slug`, the settings of one App. */
function settingsUrl({ url }, organization, slug) {
	return `${url}${organization === void 0 ? "" : `/organizations/${encodeURIComponent(organization)}`}/settings/apps${slug === void 0 ? "" : `/${encodeURIComponent(slug)}`}`;
}
// src/cli/github-app.ts
/** The GitHub App that a workflow writes with: where its credentials are, and which permissions it needs. */
/** Name of the secret, and of the environment variable, for the App's private key. */
const appKeyName = "BOX_APP_PRIVATE_KEY";
/** Name of the Actions variable, and of the environment variable, for its client id. */
const appClientIdName = "BOX_APP_CLIENT_ID";
/** The permissions that an App needs for one place, and no others. */
function appPermissions({ environment, organization }, stateVariable) {
	const shares = stateVariable !== void 0;
	const always = {
		actions: "read",
		metadata: "read"
	};
	if (organization !== void 0) return {
		organization_secrets: "write",
		...shares ? { organization_actions_variables: "write" } : {},
		...always
	};
	if (environment !== void 0) return {
		environments: "write",
		...always
	};
	return {
		secrets: "write",
		...shares ? { actions_variables: "write" } : {},
		...always
	};
}
const titles = {
	secrets: "repository permission \"Secrets",
	actions_variables: "repository permission \"Variables",
	environments: "repository permission \"Environments",
	actions: "repository permission \"Actions",
	metadata: "repository permission \"Metadata",
	organization_secrets: "organization permission \"Secrets",
	organization_actions_variables: "organization permission \"Variables"
};
/** Permissions as GitHub's settings name them: `repository permission "Secrets: Read and write"`. */
function permissionsInWords(permissions) {
	return Object.entries(permissions).map(([name, level]) => `${titles[name] ?? `permission "${name}`}: ${level === "write" ? "Read and write" : "Read-only"}"`).join(", ");
}
/** The same, short and one per line: `Organization secrets: Read and write`. */
function permissionsOnLines(permissions) {
	return Object.entries(permissions).map(([name, level]) => {
		const [, kind = "", title = name] = /^(\w+) permission "(.*)$/.exec(titles[name] ?? "") ?? [];
		return `${kind === "organization" ? `Organization ${title.toLowerCase()}` : title}: ${level === "write" ? "Read and write" : "Read-only"}`;
	});
}
/** The permissions that are wanted but were not granted. */
function missingPermissions(wanted, granted) {
	return Object.fromEntries(Object.entries(wanted).filter(([name, level]) => name !== "metadata" && ![
		level,
		"write",
		"admin"
	].includes(granted[name] ?? "")));
}
/**
* An App's credentials from the environment. The key is given to the redactor before anything else is done with it.
*
* @returns what is there
* @throws UsageError if the client id or the key cannot be one
*/
function givenApp(terminal) {
	const clientId = terminal.variables["BOX_APP_CLIENT_ID"]?.trim() || void 0;
	const key = terminal.variables["BOX_APP_PRIVATE_KEY"]?.trim() || void 0;
	if (clientId !== void 0 && checkClientId(clientId) !== void 0) throw new UsageError(`${appClientIdName} is not the client id of a GitHub App, such as Iv23li\u2026`);
	const privateKey = key === void 0 ? void 0 : takeKey(terminal, key);
	return {
		...clientId === void 0 ? {} : { clientId },
		...privateKey === void 0 ? {} : { privateKey }
	};
}
/**
* The credentials of an App that exists already, from the environment or the person.
*
* @throws UsageError
*/
async function readAppCredentials(terminal) {
	const { prompts } = terminal;
	const given = givenApp(terminal);
	const missing = [...given.clientId === void 0 ? [appClientIdName] : [], ...given.privateKey === void 0 ? [appKeyName] : []];
	if (missing.length > 0 && !prompts) throw new UsageError(`set ${missing.join(" and ")} in the environment`);
	return {
		clientId: given.clientId ?? await prompts?.text("Client id of the GitHub App (on the App's settings page)", checkClientId) ?? "",
		privateKey: given.privateKey ?? takeKey(terminal, await prompts?.secretLines("Private key of the GitHub App (paste the whole .pem file; it is not shown)", isWholeKey) ?? "")
	};
}
function takeKey(terminal, text) {
	for (const secret of secretsOfKey(text)) terminal.redactor.add(secret);
	const key = readPrivateKey(text);
	if (key === void 0) throw new UsageError(`${appKeyName} is not the private key of a GitHub App: give the whole text of the .pem file, from -----BEGIN to the end`);
	for (const secret of secretsOfKey(key)) terminal.redactor.add(secret);
	return key;
}
function checkClientId(text) {
	return /^[\w.-]+$/.test(text) ? void 0 : "This is not a client id.";
}
/** Whether the text so far is a whole key, or can no longer become one. */
function isWholeKey(text) {
	return !text.trimStart().startsWith("-----BEGIN") || /-----END [^-]+-----/.test(text);
}
// src/cli/doctor/finding.ts
function ok(what) {
	return {
		level: "ok",
		what
	};
}
function warning(what, next) {
	return {
		level: "warning",
		what,
		next
	};
}
function problem(what, next) {
	return {
		level: "problem",
		what,
		next
	};
}
/** Milliseconds. */
const dayMs$1 = 864e5;
/** Whole days, rounded down: neither the time left nor an age is ever overstated. */
function wholeDays(ms) {
	return Math.floor(ms / dayMs$1);
}
/** `1 day`, `3 days`. */
function daysInWords(days) {
	return `${days} ${days === 1 ? "day" : "days"}`;
}
/** A moment in the past: `3 days ago (2026-11-20T06:00:00Z)`, or only the date if GitHub's time is not known. */
function agoInWords({ now }, at) {
	if (now === void 0) return `on ${isoSeconds(at)}`;
	const days = wholeDays(now - at);
	return `${days <= 0 ? "today" : `${daysInWords(days)} ago`} (${isoSeconds(at)})`;
}
/** GitHub's refusal, in brackets after what was asked: `(GitHub answered 403, "Resource not accessible \u2026")`. */
function refusedInWords({ foreign }, { refused, message, barrier }) {
	const words = foreign(message);
	const why = barrierInWords(barrier);
	return `(GitHub answered ${refused}${words === "" ? "" : `, "${words}"`}${why === void 0 ? "" : `: ${why}`})`;
}
/**
* What to do about GitHub's refusal.
*
* @param token name of the refused token
* @param otherwise what to do if a permission, or the place itself, is missing
*/
function remedyOr(refused, token, otherwise) {
	return remedyFor(refused, {
		token,
		wanted: "a fine-grained personal access token or a GitHub App token",
		machine: "this machine",
		again: "run this again"
	})?.next ?? `${otherwise}${besidesPermission(refused)}`;
}
/** An argument as a shell needs it: quoted if necessary. */
function shellWord(text) {
	return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
// src/cli/doctor/levels.ts
/** The levels at which a job of the repository looks for a secret, in that order: the first that has it counts. */
function levelsOfJob(examination) {
	const { client, target, repository, budget } = examination;
	if (!repository) return target.organization === void 0 ? [] : [levelOf("organization", client, organizationSecrets(target.organization), budget)];
	const { owner, repo } = repository;
	const levels = [levelOf("repository", client, repositorySecrets(owner, repo), budget)];
	if (target.environment !== void 0) {
		const { environment } = target;
		const place = environmentSecrets(owner, repo, environment);
		levels.unshift({
			...levelOf("environment", client, place, budget),
			environment
		});
	}
	if (repository.isOfOrganization) {
		let visible;
		levels.push({
			kind: "organization",
			words: `organization ${owner}`,
			holds: async (name) => {
				const names = await (visible ??= readOrganizationSecretNames(client, repository, budget));
				return "refused" in names ? names : names.has(name.toUpperCase());
			}
		});
	}
	return levels;
}
/**
* The repository's environments, except the one that is examined.
*
* @throws GitHubUnavailable
*/
async function otherEnvironments(examination) {
	const { client, target, repository, budget } = examination;
	if (!repository) return [];
	const { owner, repo } = repository;
	const names = await readEnvironmentNames(client, repository, budget);
	if ("refused" in names) return names;
	return names.filter((name) => name.toLowerCase() !== target.environment?.toLowerCase()).map((environment) => ({
		...levelOf("environment", client, environmentSecrets(owner, repo, environment), budget),
		environment
	}));
}
function levelOf(kind, client, place, budget) {
	return {
		kind,
		words: place.name,
		holds: async (name) => {
			const metadata = await new Secret(client, place, name).metadata(budget);
			if (!("refused" in metadata)) return true;
			return metadata.refused === 404 ? false : metadata;
		}
	};
}
/**
* Looks for a secret the way a job does.
*
* @throws GitHubUnavailable
*/
async function search(levels, name) {
	const refused = [];
	for (const level of levels) {
		const held = await level.holds(name);
		if (held === true) return {
			holder: level,
			refused
		};
		if (held !== false) refused.push({
			level,
			refusal: held
		});
	}
	return {
		holder: void 0,
		refused
	};
}
// src/cli/doctor/secrets.ts
/** Which secrets exist, which of them a job reads, and how old the refresh token is. */
/** Days for which Box accepts an unused refresh token (box-openapi, `/oauth2/token#refresh`). */
const refreshTokenDays = 60;
/** With this many days left, or fewer, something must be keeping the token from being refreshed. */
const fewDays$1 = 10;
/**
* Looks at the secret that holds the refresh token.
*
* @param refreshedAt when the pair was refreshed according to the shared state, in milliseconds since 1970 (UTC);
*   `undefined` without one. With one, the secret is a copy of the state, and may be older than the current token.
* @throws GitHubUnavailable
*/
async function examineRefreshToken(examination, refreshedAt) {
	const { client, target, budget, login } = examination;
	const secret = secretOf(client, target);
	const [key, metadata] = await Promise.all([secret.publicKey(budget), secret.metadata(budget)]);
	if ("refused" in key) return {
		findings: [placeRefused(examination, secret, key)],
		placeExists: key.refused !== 404,
		storedAt: void 0
	};
	if (!("refused" in metadata)) {
		const { updatedAt } = metadata;
		return {
			findings: [ageOfToken(examination, secret, updatedAt, refreshedAt), ...await examineNamesakes(examination)],
			placeExists: true,
			storedAt: updatedAt
		};
	}
	if (metadata.refused !== 404) return {
		findings: [placeRefused(examination, secret, metadata)],
		placeExists: true,
		storedAt: void 0
	};
	const { levels } = await namesakes(examination);
	const where = levels.map(({ words }) => words).join(" and ");
	const logIn = `\`${login}\`, which signs in to Box and stores one`;
	return {
		findings: [problem(levels.length === 0 ? `There is no ${secret.title}, so no refresh token is stored.` : `There is no ${secret.title}, so no refresh token is stored there. There is a secret of that name in ${where}.`, levels.length === 0 ? `Run ${logIn}.` : `If your workflow uses that one, run this again with ${levels.map((level) => flagOf(examination, level)).join(" or ")}. Otherwise run ${logIn}.`)],
		placeExists: true,
		storedAt: void 0
	};
}
/** The flag of this command that names a place. */
function flagOf({ target, repository }, { kind, environment }) {
	if (kind === "organization") return `--organization ${shellWord(repository?.owner ?? "")}`;
	if (kind === "environment") return `--environment ${shellWord(environment ?? "")}`;
	return target.environment === void 0 ? "no --organization" : "no --environment";
}
/** GitHub refused to show the secrets of the place. */
function placeRefused(examination, { place }, no) {
	const { target, login, reader } = examination;
	const answer = refusedInWords(examination, no);
	if (no.refused !== 404) {
		const permission = place.permission.replace("Read and write", "Read");
		return problem(`Could not check the secrets of ${place.name} ${answer}.`, remedyOr(no, reader, `The token from ${reader} needs ${permission}.`));
	}
	const what = `Not found: ${place.absent} ${answer}.`;
	if (target.environment !== void 0) return problem(what, `Correct --environment, or run \`${login}\`, which offers to create it.`);
	return problem(what, `Correct the name, or use a token that has access (this one is from ${reader}).`);
}
function ageOfToken(examination, { title }, updatedAt, refreshedAt) {
	const { now, login } = examination;
	const shared = refreshedAt !== void 0 && refreshedAt > updatedAt;
	const issuedAt = shared ? refreshedAt : updatedAt;
	const stored = `The refresh token (${title}) was ${shared ? "refreshed, according to the shared state," : "stored"} ${agoInWords(examination, issuedAt)}`;
	const endsAt = issuedAt + refreshTokenDays * dayMs$1;
	if (now === void 0) return warning(`${stored}; its age is unknown, because GitHub sent no date.`, `Unless it has been used or revoked since, it is valid until ${isoSeconds(endsAt)}: run the workflow before then.`);
	const left = wholeDays(endsAt - now);
	if (endsAt <= now) return problem(`${stored}: it expired on ${isoSeconds(endsAt)}, ${refreshTokenDays} days after it was issued.`, `Run \`${login}\`, which signs in to Box again and stores a new one.`);
	const good = `unless it has been used or revoked since, it is valid until ${isoSeconds(endsAt)}`;
	if (endsAt - now > fewDays$1 * 864e5) return ok(`${stored}; ${good} (${daysInWords(left)} left).`);
	return warning(`${stored}; ${good} (only ${daysInWords(left)} left).`, "Run the keep-alive workflow now, and find out why it has not run. After that date, only `box-token login` helps.");
}
/** Other places that have a secret of the same name. */
async function namesakes(examination) {
	const { target } = examination;
	const own = target.organization === void 0 ? target.environment === void 0 ? "repository" : "environment" : "organization";
	const environments = own === "environment" ? [] : await otherEnvironments(examination);
	const candidates = [...levelsOfJob(examination).filter(({ kind }) => kind !== own), ..."refused" in environments ? [] : environments];
	const answers = await Promise.all(candidates.map(async (level) => ({
		level,
		held: await level.holds(target.secretName)
	})));
	const refusal = answers.map(({ held }) => held).find((held) => typeof held !== "boolean");
	return {
		levels: answers.filter(({ held }) => held === true).map(({ level }) => level),
		refused: "refused" in environments ? environments : refusal
	};
}
/** Finds secrets of the same name in other places: which one is read then depends on the job. */
async function examineNamesakes(examination) {
	const { target, repository } = examination;
	if (!repository) return [];
	const { levels, refused } = await namesakes(examination);
	const { secretName, environment, organization } = target;
	const name = shellWord(secretName);
	const at = `--repo ${shellWord(`${repository.owner}/${repository.repo}`)}`;
	const findings = [];
	for (const level of levels) if (environment !== void 0) {
		const remove = level.kind === "repository" ? `: \`gh secret delete ${name} ${at}\`` : "";
		findings.push(warning(`${secretName} also exists in ${level.words}. Jobs with \`environment: ${environment}\` read the environment's secret; all other jobs read that one.`, `Name the environment in every job that uses the action, then delete the other secret${remove}.`));
	} else if (level.kind === "environment") {
		const named = level.environment ?? "";
		findings.push(warning(`${secretName} also exists in ${level.words}. Jobs with \`environment: ${named}\` read that secret; all other jobs read the ${organization === void 0 ? "repository's" : "organization's"}.`, `If your jobs name that environment, run this again with --environment ${shellWord(named)}. Otherwise delete the environment's secret: \`gh secret delete ${name} ${at} --env ${shellWord(named)}\`.`));
	} else if (organization !== void 0 && level.kind === "repository") findings.push(problem(`${secretName} also exists in ${level.words}: its jobs read that secret, never the organization's, which the action writes.`, `Delete the repository's secret: \`gh secret delete ${name} ${at}\`.`));
	if (refused) {
		const { reader } = examination;
		findings.push(warning(`Could not check every other place for a secret ${secretName} ${refusedInWords(examination, refused)}.`, remedyOr(refused, reader, `The token from ${reader} needs "Secrets: Read", "Environments: Read" and "Actions: Read".`)));
	}
	return findings;
}
/**
* Checks whether a job finds a secret, at any level.
*
* @throws GitHubUnavailable
*/
async function examineSecret(examination, { name, holds, missing, next }) {
	const levels = levelsOfJob(examination);
	const { holder, refused } = await search(levels, name);
	if (holder) return ok(`The ${holds} is stored in the secret ${name} of ${holder.words}.`);
	const places = levels.map(({ words }) => words).join(", then ");
	const [no] = refused;
	if (no) {
		const { reader } = examination;
		return warning(`Could not check whether the secret ${name} (${holds}) exists: the secrets of ${no.level.words} could not be read ${refusedInWords(examination, no.refusal)}.`, remedyOr(no.refusal, reader, `The token from ${reader} must be allowed to read them.`));
	}
	const what = `The secret ${name} (${holds}) is missing: jobs look for it in ${places}.`;
	return missing === "warning" ? warning(what, next) : problem(what, next);
}
/**
* Checks whether an organization's secret is available to the repository at all.
*
* @throws GitHubUnavailable
*/
async function examineVisibility(examination) {
	const { target, repository } = examination;
	if (!repository || target.organization === void 0) return [];
	if (repository.owner.toLowerCase() !== target.organization.toLowerCase()) return [problem(`${repository.owner}/${repository.repo} does not belong to the organization ${target.organization}: its jobs do not get the organization's secrets.`, "Correct --repo or --organization.")];
	if (await levelsOfJob(examination).find(({ kind }) => kind === "organization")?.holds(target.secretName) !== false) return [];
	return [problem(`The organization's secret ${target.secretName} is not available to ${repository.owner}/${repository.repo}: its jobs do not get it.`, "Add the repository on the secret's page in the organization's settings.")];
}
// node_modules/yaml/dist/nodes/identity.js
var require_identity = /* @__PURE__ */ __commonJSMin(((exports) => {
	const ALIAS = Symbol.for("yaml.alias");
	const DOC = Symbol.for("yaml.document");
	const MAP = Symbol.for("yaml.map");
	const PAIR = Symbol.for("yaml.pair");
	const SCALAR = Symbol.for("yaml.scalar");
	const SEQ = Symbol.for("yaml.seq");
	const NODE_TYPE = Symbol.for("yaml.node.type");
	const isAlias = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === ALIAS;
	const isDocument = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === DOC;
	const isMap = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === MAP;
	const isPair = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === PAIR;
	const isScalar = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === SCALAR;
	const isSeq = (node) => !!node && typeof node === "object" && node[NODE_TYPE] === SEQ;
	function isCollection(node) {
		if (node && typeof node === "object") switch (node[NODE_TYPE]) {
			case MAP:
			case SEQ: return true;
		}
		return false;
	}
	function isNode(node) {
		if (node && typeof node === "object") switch (node[NODE_TYPE]) {
			case ALIAS:
			case MAP:
			case SCALAR:
			case SEQ: return true;
		}
		return false;
	}
	const hasAnchor = (node) => (isScalar(node) || isCollection(node)) && !!node.anchor;
	exports.ALIAS = ALIAS;
	exports.DOC = DOC;
	exports.MAP = MAP;
	exports.NODE_TYPE = NODE_TYPE;
	exports.PAIR = PAIR;
	exports.SCALAR = SCALAR;
	exports.SEQ = SEQ;
	exports.hasAnchor = hasAnchor;
	exports.isAlias = isAlias;
	exports.isCollection = isCollection;
	exports.isDocument = isDocument;
	exports.isMap = isMap;
	exports.isNode = isNode;
	exports.isPair = isPair;
	exports.isScalar = isScalar;
	exports.isSeq = isSeq;
}));
// node_modules/yaml/dist/visit.js
var require_visit = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	const BREAK = Symbol("break visit");
	const SKIP = Symbol("skip children");
	const REMOVE = Symbol("remove node");
	/**
	* Apply a visitor to an AST node or document.
	*
	* Walks through the tree (depth-first) starting from `node`, calling a
	* `visitor` function with three arguments:
	*   - `key`: For sequence values and map `Pair`, the node's index in the
	*     collection. Within a `Pair`, `'key'` or `'value'`, correspondingly.
	*     `null` for the root node.
	*   - `node`: The current node.
	*   - `path`: The ancestry of the current node.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this node, continue with next
	*     sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current node, then continue with the next one
	*   - `Node`: Replace the current node, then continue by visiting it
	*   - `number`: While iterating the items of a sequence or map, set the index
	*     of the next step. This is useful especially if the index of the current
	*     node has changed.
	*
	* If `visitor` is a single function, it will be called with all values
	* encountered in the tree, including e.g. `null` values. Alternatively,
	* separate visitor functions may be defined for each `Map`, `Pair`, `Seq`,
	* `Alias` and `Scalar` node. To define the same visitor function for more than
	* one node type, use the `Collection` (map and seq), `Value` (map, seq & scalar)
	* and `Node` (alias, map, seq & scalar) targets. Of all these, only the most
	* specific defined one will be used for each node.
	*/
	function visit(node, visitor) {
		const visitor_ = initVisitor(visitor);
		if (identity.isDocument(node)) {
			if (visit_(null, node.contents, visitor_, Object.freeze([node])) === REMOVE) node.contents = null;
		} else visit_(null, node, visitor_, Object.freeze([]));
	}
	/** Terminate visit traversal completely */
	visit.BREAK = BREAK;
	/** Do not visit the children of the current node */
	visit.SKIP = SKIP;
	/** Remove the current node */
	visit.REMOVE = REMOVE;
	function visit_(key, node, visitor, path) {
		const ctrl = callVisitor(key, node, visitor, path);
		if (identity.isNode(ctrl) || identity.isPair(ctrl)) {
			replaceNode(key, path, ctrl);
			return visit_(key, ctrl, visitor, path);
		}
		if (typeof ctrl !== "symbol") {
			if (identity.isCollection(node)) {
				path = Object.freeze(path.concat(node));
				for (let i = 0; i < node.items.length; ++i) {
					const ci = visit_(i, node.items[i], visitor, path);
					if (typeof ci === "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else if (ci === REMOVE) {
						node.items.splice(i, 1);
						i -= 1;
					}
				}
			} else if (identity.isPair(node)) {
				path = Object.freeze(path.concat(node));
				const ck = visit_("key", node.key, visitor, path);
				if (ck === BREAK) return BREAK;
				else if (ck === REMOVE) node.key = null;
				const cv = visit_("value", node.value, visitor, path);
				if (cv === BREAK) return BREAK;
				else if (cv === REMOVE) node.value = null;
			}
		}
		return ctrl;
	}
	/**
	* Apply an async visitor to an AST node or document.
	*
	* Walks through the tree (depth-first) starting from `node`, calling a
	* `visitor` function with three arguments:
	*   - `key`: For sequence values and map `Pair`, the node's index in the
	*     collection. Within a `Pair`, `'key'` or `'value'`, correspondingly.
	*     `null` for the root node.
	*   - `node`: The current node.
	*   - `path`: The ancestry of the current node.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `Promise`: Must resolve to one of the following values
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this node, continue with next
	*     sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current node, then continue with the next one
	*   - `Node`: Replace the current node, then continue by visiting it
	*   - `number`: While iterating the items of a sequence or map, set the index
	*     of the next step. This is useful especially if the index of the current
	*     node has changed.
	*
	* If `visitor` is a single function, it will be called with all values
	* encountered in the tree, including e.g. `null` values. Alternatively,
	* separate visitor functions may be defined for each `Map`, `Pair`, `Seq`,
	* `Alias` and `Scalar` node. To define the same visitor function for more than
	* one node type, use the `Collection` (map and seq), `Value` (map, seq & scalar)
	* and `Node` (alias, map, seq & scalar) targets. Of all these, only the most
	* specific defined one will be used for each node.
	*/
	async function visitAsync(node, visitor) {
		const visitor_ = initVisitor(visitor);
		if (identity.isDocument(node)) {
			if (await visitAsync_(null, node.contents, visitor_, Object.freeze([node])) === REMOVE) node.contents = null;
		} else await visitAsync_(null, node, visitor_, Object.freeze([]));
	}
	/** Terminate visit traversal completely */
	visitAsync.BREAK = BREAK;
	/** Do not visit the children of the current node */
	visitAsync.SKIP = SKIP;
	/** Remove the current node */
	visitAsync.REMOVE = REMOVE;
	async function visitAsync_(key, node, visitor, path) {
		const ctrl = await callVisitor(key, node, visitor, path);
		if (identity.isNode(ctrl) || identity.isPair(ctrl)) {
			replaceNode(key, path, ctrl);
			return visitAsync_(key, ctrl, visitor, path);
		}
		if (typeof ctrl !== "symbol") {
			if (identity.isCollection(node)) {
				path = Object.freeze(path.concat(node));
				for (let i = 0; i < node.items.length; ++i) {
					const ci = await visitAsync_(i, node.items[i], visitor, path);
					if (typeof ci === "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else if (ci === REMOVE) {
						node.items.splice(i, 1);
						i -= 1;
					}
				}
			} else if (identity.isPair(node)) {
				path = Object.freeze(path.concat(node));
				const ck = await visitAsync_("key", node.key, visitor, path);
				if (ck === BREAK) return BREAK;
				else if (ck === REMOVE) node.key = null;
				const cv = await visitAsync_("value", node.value, visitor, path);
				if (cv === BREAK) return BREAK;
				else if (cv === REMOVE) node.value = null;
			}
		}
		return ctrl;
	}
	function initVisitor(visitor) {
		if (typeof visitor === "object" && (visitor.Collection || visitor.Node || visitor.Value)) return Object.assign({
			Alias: visitor.Node,
			Map: visitor.Node,
			Scalar: visitor.Node,
			Seq: visitor.Node
		}, visitor.Value && {
			Map: visitor.Value,
			Scalar: visitor.Value,
			Seq: visitor.Value
		}, visitor.Collection && {
			Map: visitor.Collection,
			Seq: visitor.Collection
		}, visitor);
		return visitor;
	}
	function callVisitor(key, node, visitor, path) {
		if (typeof visitor === "function") return visitor(key, node, path);
		if (identity.isMap(node)) return visitor.Map?.(key, node, path);
		if (identity.isSeq(node)) return visitor.Seq?.(key, node, path);
		if (identity.isPair(node)) return visitor.Pair?.(key, node, path);
		if (identity.isScalar(node)) return visitor.Scalar?.(key, node, path);
		if (identity.isAlias(node)) return visitor.Alias?.(key, node, path);
	}
	function replaceNode(key, path, node) {
		const parent = path[path.length - 1];
		if (identity.isCollection(parent)) parent.items[key] = node;
		else if (identity.isPair(parent)) {
			if (key === "key") parent.key = node;
			else parent.value = node;
		} else if (identity.isDocument(parent)) parent.contents = node;
		else {
			const pt = identity.isAlias(parent) ? "alias" : "scalar";
			throw new Error(`Cannot replace node with ${pt} parent`);
		}
	}
	exports.visit = visit;
	exports.visitAsync = visitAsync;
}));
// node_modules/yaml/dist/doc/directives.js
var require_directives = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var visit = require_visit();
	const escapeChars = {
		"!": "%21",
		",": "%2C",
		"[": "%5B",
		"]": "%5D",
		"{": "%7B",
		"}": "%7D"
	};
	const escapeTagName = (tn) => tn.replace(/[!,[\]{}]/g, (ch) => escapeChars[ch]);
	var Directives = class Directives {
		constructor(yaml, tags) {
			/**
			* The directives-end/doc-start marker `---`. If `null`, a marker may still be
			* included in the document's stringified representation.
			*/
			this.docStart = null;
			/** The doc-end marker `...`.  */
			this.docEnd = false;
			this.yaml = Object.assign({}, Directives.defaultYaml, yaml);
			this.tags = Object.assign({}, Directives.defaultTags, tags);
		}
		clone() {
			const copy = new Directives(this.yaml, this.tags);
			copy.docStart = this.docStart;
			return copy;
		}
		/**
		* During parsing, get a Directives instance for the current document and
		* update the stream state according to the current version's spec.
		*/
		atDocument() {
			const res = new Directives(this.yaml, this.tags);
			switch (this.yaml.version) {
				case "1.1":
					this.atNextDocument = true;
					break;
				case "1.2":
					this.atNextDocument = false;
					this.yaml = {
						explicit: Directives.defaultYaml.explicit,
						version: "1.2"
					};
					this.tags = Object.assign({}, Directives.defaultTags);
			}
			return res;
		}
		/**
		* @param onError - May be called even if the action was successful
		* @returns `true` on success
		*/
		add(line, onError) {
			if (this.atNextDocument) {
				this.yaml = {
					explicit: Directives.defaultYaml.explicit,
					version: "1.1"
				};
				this.tags = Object.assign({}, Directives.defaultTags);
				this.atNextDocument = false;
			}
			const parts = line.trim().split(/[ \t]+/);
			const name = parts.shift();
			switch (name) {
				case "%TAG": {
					if (parts.length !== 2) {
						onError(0, "%TAG directive should contain exactly two parts");
						if (parts.length < 2) return false;
					}
					const [handle, prefix] = parts;
					this.tags[handle] = prefix;
					return true;
				}
				case "%YAML": {
					this.yaml.explicit = true;
					if (parts.length !== 1) {
						onError(0, "%YAML directive should contain exactly one part");
						return false;
					}
					const [version] = parts;
					if (version === "1.1" || version === "1.2") {
						this.yaml.version = version;
						return true;
					} else {
						const isValid = /^\d+\.\d+$/.test(version);
						onError(6, `Unsupported YAML version ${version}`, isValid);
						return false;
					}
				}
				default:
					onError(0, `Unknown directive ${name}`, true);
					return false;
			}
		}
		/**
		* Resolves a tag, matching handles to those defined in %TAG directives.
		*
		* @returns Resolved tag, which may also be the non-specific tag `'!'` or a
		*   `'!local'` tag, or `null` if unresolvable.
		*/
		tagName(source, onError) {
			if (source === "!") return "!";
			if (source[0] !== "!") {
				onError(`Not a valid tag: ${source}`);
				return null;
			}
			if (source[1] === "<") {
				const verbatim = source.slice(2, -1);
				if (verbatim === "!" || verbatim === "!!") {
					onError(`Verbatim tags aren't resolved, so ${source} is invalid.`);
					return null;
				}
				if (source[source.length - 1] !== ">") onError("Verbatim tags must end with a >");
				return verbatim;
			}
			const [, handle, suffix] = source.match(/^(.*!)([^!]*)$/s);
			if (!suffix) onError(`The ${source} tag has no suffix`);
			const prefix = this.tags[handle];
			if (prefix) try {
				return prefix + decodeURIComponent(suffix);
			} catch (error) {
				onError(String(error));
				return null;
			}
			if (handle === "!") return source;
			onError(`Could not resolve tag: ${source}`);
			return null;
		}
		/**
		* Given a fully resolved tag, returns its printable string form,
		* taking into account current tag prefixes and defaults.
		*/
		tagString(tag) {
			for (const [handle, prefix] of Object.entries(this.tags)) if (tag.startsWith(prefix)) return handle + escapeTagName(tag.substring(prefix.length));
			return tag[0] === "!" ? tag : `!<${tag}>`;
		}
		toString(doc) {
			const lines = this.yaml.explicit ? [`%YAML ${this.yaml.version || "1.2"}`] : [];
			const tagEntries = Object.entries(this.tags);
			let tagNames;
			if (doc && tagEntries.length > 0 && identity.isNode(doc.contents)) {
				const tags = {};
				visit.visit(doc.contents, (_key, node) => {
					if (identity.isNode(node) && node.tag) tags[node.tag] = true;
				});
				tagNames = Object.keys(tags);
			} else tagNames = [];
			for (const [handle, prefix] of tagEntries) {
				if (handle === "!!" && prefix === "tag:yaml.org,2002:") continue;
				if (!doc || tagNames.some((tn) => tn.startsWith(prefix))) lines.push(`%TAG ${handle} ${prefix}`);
			}
			return lines.join("\n");
		}
	};
	Directives.defaultYaml = {
		explicit: false,
		version: "1.2"
	};
	Directives.defaultTags = { "!!": "tag:yaml.org,2002:" };
	exports.Directives = Directives;
}));
// node_modules/yaml/dist/doc/anchors.js
var require_anchors = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var visit = require_visit();
	/**
	* Verify that the input string is a valid anchor.
	*
	* Will throw on errors.
	*/
	function anchorIsValid(anchor) {
		if (/[\x00-\x19\s,[\]{}]/.test(anchor)) {
			const msg = `Anchor must not contain whitespace or control characters: ${JSON.stringify(anchor)}`;
			throw new Error(msg);
		}
		return true;
	}
	function anchorNames(root) {
		const anchors = /* @__PURE__ */ new Set();
		visit.visit(root, { Value(_key, node) {
			if (node.anchor) anchors.add(node.anchor);
		} });
		return anchors;
	}
	/** Find a new anchor name with the given `prefix` and a one-indexed suffix. */
	function findNewAnchor(prefix, exclude) {
		for (let i = 1;; ++i) {
			const name = `${prefix}${i}`;
			if (!exclude.has(name)) return name;
		}
	}
	function createNodeAnchors(doc, prefix) {
		const aliasObjects = [];
		const sourceObjects = /* @__PURE__ */ new Map();
		let prevAnchors = null;
		return {
			onAnchor: (source) => {
				aliasObjects.push(source);
				prevAnchors ?? (prevAnchors = anchorNames(doc));
				const anchor = findNewAnchor(prefix, prevAnchors);
				prevAnchors.add(anchor);
				return anchor;
			},
			/**
			* With circular references, the source node is only resolved after all
			* of its child nodes are. This is why anchors are set only after all of
			* the nodes have been created.
			*/
			setAnchors: () => {
				for (const source of aliasObjects) {
					const ref = sourceObjects.get(source);
					if (typeof ref === "object" && ref.anchor && (identity.isScalar(ref.node) || identity.isCollection(ref.node))) ref.node.anchor = ref.anchor;
					else {
						const error = /* @__PURE__ */ new Error("Failed to resolve repeated object (this should not happen)");
						error.source = source;
						throw error;
					}
				}
			},
			sourceObjects
		};
	}
	exports.anchorIsValid = anchorIsValid;
	exports.anchorNames = anchorNames;
	exports.createNodeAnchors = createNodeAnchors;
	exports.findNewAnchor = findNewAnchor;
}));
// node_modules/yaml/dist/doc/applyReviver.js
var require_applyReviver = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Applies the JSON.parse reviver algorithm as defined in the ECMA-262 spec,
	* in section 24.5.1.1 "Runtime Semantics: InternalizeJSONProperty" of the
	* 2021 edition: https://tc39.es/ecma262/#sec-json.parse
	*
	* Includes extensions for handling Map and Set objects.
	*/
	function applyReviver(reviver, obj, key, val) {
		if (val && typeof val === "object") {
			if (Array.isArray(val)) for (let i = 0, len = val.length; i < len; ++i) {
				const v0 = val[i];
				const v1 = applyReviver(reviver, val, String(i), v0);
				if (v1 === void 0) delete val[i];
				else if (v1 !== v0) val[i] = v1;
			}
			else if (val instanceof Map) for (const k of Array.from(val.keys())) {
				const v0 = val.get(k);
				const v1 = applyReviver(reviver, val, k, v0);
				if (v1 === void 0) val.delete(k);
				else if (v1 !== v0) val.set(k, v1);
			}
			else if (val instanceof Set) for (const v0 of Array.from(val)) {
				const v1 = applyReviver(reviver, val, v0, v0);
				if (v1 === void 0) val.delete(v0);
				else if (v1 !== v0) {
					val.delete(v0);
					val.add(v1);
				}
			}
			else for (const [k, v0] of Object.entries(val)) {
				const v1 = applyReviver(reviver, val, k, v0);
				if (v1 === void 0) delete val[k];
				else if (v1 !== v0) val[k] = v1;
			}
		}
		return reviver.call(obj, key, val);
	}
	exports.applyReviver = applyReviver;
}));
// node_modules/yaml/dist/nodes/toJS.js
var require_toJS = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	/**
	* Recursively convert any node or its contents to native JavaScript
	*
	* @param value - The input value
	* @param arg - If `value` defines a `toJSON()` method, use this
	*   as its first argument
	* @param ctx - Conversion context, originally set in Document#toJS(). If
	*   `{ keep: true }` is not set, output should be suitable for JSON
	*   stringification.
	*/
	function toJS(value, arg, ctx) {
		if (Array.isArray(value)) return value.map((v, i) => toJS(v, String(i), ctx));
		if (value && typeof value.toJSON === "function") {
			if (!ctx || !identity.hasAnchor(value)) return value.toJSON(arg, ctx);
			const data = {
				aliasCount: 0,
				count: 1,
				res: void 0
			};
			ctx.anchors.set(value, data);
			ctx.onCreate = (res) => {
				data.res = res;
				delete ctx.onCreate;
			};
			const res = value.toJSON(arg, ctx);
			if (ctx.onCreate) ctx.onCreate(res);
			return res;
		}
		if (typeof value === "bigint" && !ctx?.keep) return Number(value);
		return value;
	}
	exports.toJS = toJS;
}));
// node_modules/yaml/dist/nodes/Node.js
var require_Node = /* @__PURE__ */ __commonJSMin(((exports) => {
	var applyReviver = require_applyReviver();
	var identity = require_identity();
	var toJS = require_toJS();
	var NodeBase = class {
		constructor(type) {
			Object.defineProperty(this, identity.NODE_TYPE, { value: type });
		}
		/** Create a copy of this node.  */
		clone() {
			const copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
			if (this.range) copy.range = this.range.slice();
			return copy;
		}
		/** A plain JavaScript representation of this node. */
		toJS(doc, { mapAsMap, maxAliasCount, onAnchor, reviver } = {}) {
			if (!identity.isDocument(doc)) throw new TypeError("A document argument is required");
			const ctx = {
				anchors: /* @__PURE__ */ new Map(),
				doc,
				keep: true,
				mapAsMap: mapAsMap === true,
				mapKeyWarned: false,
				maxAliasCount: typeof maxAliasCount === "number" ? maxAliasCount : 100
			};
			const res = toJS.toJS(this, "", ctx);
			if (typeof onAnchor === "function") for (const { count, res } of ctx.anchors.values()) onAnchor(res, count);
			return typeof reviver === "function" ? applyReviver.applyReviver(reviver, { "": res }, "", res) : res;
		}
	};
	exports.NodeBase = NodeBase;
}));
// node_modules/yaml/dist/nodes/Alias.js
var require_Alias = /* @__PURE__ */ __commonJSMin(((exports) => {
	var anchors = require_anchors();
	var visit = require_visit();
	var identity = require_identity();
	var Node = require_Node();
	var toJS = require_toJS();
	var Alias = class extends Node.NodeBase {
		constructor(source) {
			super(identity.ALIAS);
			this.source = source;
			Object.defineProperty(this, "tag", { set() {
				throw new Error("Alias nodes cannot have tags");
			} });
		}
		/**
		* Resolve the value of this alias within `doc`, finding the last
		* instance of the `source` anchor before this node.
		*/
		resolve(doc, ctx) {
			if (ctx?.maxAliasCount === 0) throw new ReferenceError("Alias resolution is disabled");
			let nodes;
			if (ctx?.aliasResolveCache) nodes = ctx.aliasResolveCache;
			else {
				nodes = [];
				visit.visit(doc, { Node: (_key, node) => {
					if (identity.isAlias(node) || identity.hasAnchor(node)) nodes.push(node);
				} });
				if (ctx) ctx.aliasResolveCache = nodes;
			}
			let found = void 0;
			for (const node of nodes) {
				if (node === this) break;
				if (node.anchor === this.source) found = node;
			}
			if (found && ctx) {
				const { anchors, doc, maxAliasCount } = ctx;
				let data = anchors.get(found);
				if (!data) {
					toJS.toJS(found, null, ctx);
					data = anchors.get(found);
				}
				/* istanbul ignore if */
				if (data?.res === void 0) throw new ReferenceError("This should not happen: Alias anchor was not resolved?");
				if (maxAliasCount >= 0) {
					data.count += 1;
					if (data.aliasCount === 0) data.aliasCount = getAliasCount(doc, found, anchors);
					if (data.count * data.aliasCount > maxAliasCount) throw new ReferenceError("Excessive alias count indicates a resource exhaustion attack");
				}
			}
			return found;
		}
		toJSON(_arg, ctx) {
			if (!ctx) return { source: this.source };
			const source = this.resolve(ctx.doc, ctx);
			if (!source) {
				const msg = `Unresolved alias (the anchor must be set before the alias): ${this.source}`;
				throw new ReferenceError(msg);
			}
			return ctx.anchors.get(source).res;
		}
		toString(ctx, _onComment, _onChompKeep) {
			const src = `*${this.source}`;
			if (ctx) {
				anchors.anchorIsValid(this.source);
				if (ctx.options.verifyAliasOrder && !ctx.anchors.has(this.source)) {
					const msg = `Unresolved alias (the anchor must be set before the alias): ${this.source}`;
					throw new Error(msg);
				}
				if (ctx.implicitKey) return `${src} `;
			}
			return src;
		}
	};
	function getAliasCount(doc, node, anchors) {
		if (identity.isAlias(node)) {
			const source = node.resolve(doc);
			const anchor = anchors && source && anchors.get(source);
			return anchor ? anchor.count * anchor.aliasCount : 0;
		} else if (identity.isCollection(node)) {
			let count = 0;
			for (const item of node.items) {
				const c = getAliasCount(doc, item, anchors);
				if (c > count) count = c;
			}
			return count;
		} else if (identity.isPair(node)) {
			const kc = getAliasCount(doc, node.key, anchors);
			const vc = getAliasCount(doc, node.value, anchors);
			return Math.max(kc, vc);
		}
		return 1;
	}
	exports.Alias = Alias;
}));
// node_modules/yaml/dist/nodes/Scalar.js
var require_Scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Node = require_Node();
	var toJS = require_toJS();
	const isScalarValue = (value) => !value || typeof value !== "function" && typeof value !== "object";
	var Scalar = class extends Node.NodeBase {
		constructor(value) {
			super(identity.SCALAR);
			this.value = value;
		}
		toJSON(arg, ctx) {
			return ctx?.keep ? this.value : toJS.toJS(this.value, arg, ctx);
		}
		toString() {
			return String(this.value);
		}
	};
	Scalar.BLOCK_FOLDED = "BLOCK_FOLDED";
	Scalar.BLOCK_LITERAL = "BLOCK_LITERAL";
	Scalar.PLAIN = "PLAIN";
	Scalar.QUOTE_DOUBLE = "QUOTE_DOUBLE";
	Scalar.QUOTE_SINGLE = "QUOTE_SINGLE";
	exports.Scalar = Scalar;
	exports.isScalarValue = isScalarValue;
}));
// node_modules/yaml/dist/doc/createNode.js
var require_createNode = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias();
	var identity = require_identity();
	var Scalar = require_Scalar();
	const defaultTagPrefix = "tag:yaml.org,2002:";
	function findTagObject(value, tagName, tags) {
		if (tagName) {
			const match = tags.filter((t) => t.tag === tagName);
			const tagObj = match.find((t) => !t.format) ?? match[0];
			if (!tagObj) throw new Error(`Tag ${tagName} not found`);
			return tagObj;
		}
		return tags.find((t) => t.identify?.(value) && !t.format);
	}
	function createNode(value, tagName, ctx) {
		if (identity.isDocument(value)) value = value.contents;
		if (identity.isNode(value)) return value;
		if (identity.isPair(value)) {
			const map = ctx.schema[identity.MAP].createNode?.(ctx.schema, null, ctx);
			map.items.push(value);
			return map;
		}
		if (value instanceof String || value instanceof Number || value instanceof Boolean || typeof BigInt !== "undefined" && value instanceof BigInt) value = value.valueOf();
		const { aliasDuplicateObjects, onAnchor, onTagObj, schema, sourceObjects } = ctx;
		let ref = void 0;
		if (aliasDuplicateObjects && value && typeof value === "object") {
			ref = sourceObjects.get(value);
			if (ref) {
				ref.anchor ?? (ref.anchor = onAnchor(value));
				return new Alias.Alias(ref.anchor);
			} else {
				ref = {
					anchor: null,
					node: null
				};
				sourceObjects.set(value, ref);
			}
		}
		if (tagName?.startsWith("!!")) tagName = defaultTagPrefix + tagName.slice(2);
		let tagObj = findTagObject(value, tagName, schema.tags);
		if (!tagObj) {
			if (value && typeof value.toJSON === "function") value = value.toJSON();
			if (!value || typeof value !== "object") {
				const node = new Scalar.Scalar(value);
				if (ref) ref.node = node;
				return node;
			}
			tagObj = value instanceof Map ? schema[identity.MAP] : Symbol.iterator in Object(value) ? schema[identity.SEQ] : schema[identity.MAP];
		}
		if (onTagObj) {
			onTagObj(tagObj);
			delete ctx.onTagObj;
		}
		const node = tagObj?.createNode ? tagObj.createNode(ctx.schema, value, ctx) : typeof tagObj?.nodeClass?.from === "function" ? tagObj.nodeClass.from(ctx.schema, value, ctx) : new Scalar.Scalar(value);
		if (tagName) node.tag = tagName;
		else if (!tagObj.default) node.tag = tagObj.tag;
		if (ref) ref.node = node;
		return node;
	}
	exports.createNode = createNode;
}));
// node_modules/yaml/dist/nodes/Collection.js
var require_Collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode();
	var identity = require_identity();
	var Node = require_Node();
	function collectionFromPath(schema, path, value) {
		let v = value;
		for (let i = path.length - 1; i >= 0; --i) {
			const k = path[i];
			if (typeof k === "number" && Number.isInteger(k) && k >= 0) {
				const a = [];
				a[k] = v;
				v = a;
			} else v = /* @__PURE__ */ new Map([[k, v]]);
		}
		return createNode.createNode(v, void 0, {
			aliasDuplicateObjects: false,
			keepUndefined: false,
			onAnchor: () => {
				throw new Error("This should not happen, please report a bug.");
			},
			schema,
			sourceObjects: /* @__PURE__ */ new Map()
		});
	}
	const isEmptyPath = (path) => path == null || typeof path === "object" && !!path[Symbol.iterator]().next().done;
	var Collection = class extends Node.NodeBase {
		constructor(type, schema) {
			super(type);
			Object.defineProperty(this, "schema", {
				value: schema,
				configurable: true,
				enumerable: false,
				writable: true
			});
		}
		/**
		* Create a copy of this collection.
		*
		* @param schema - If defined, overwrites the original's schema
		*/
		clone(schema) {
			const copy = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
			if (schema) copy.schema = schema;
			copy.items = copy.items.map((it) => identity.isNode(it) || identity.isPair(it) ? it.clone(schema) : it);
			if (this.range) copy.range = this.range.slice();
			return copy;
		}
		/**
		* Adds a value to the collection. For `!!map` and `!!omap` the value must
		* be a Pair instance or a `{ key, value }` object, which may not have a key
		* that already exists in the map.
		*/
		addIn(path, value) {
			if (isEmptyPath(path)) this.add(value);
			else {
				const [key, ...rest] = path;
				const node = this.get(key, true);
				if (identity.isCollection(node)) node.addIn(rest, value);
				else if (node === void 0 && this.schema) this.set(key, collectionFromPath(this.schema, rest, value));
				else throw new Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
			}
		}
		/**
		* Removes a value from the collection.
		* @returns `true` if the item was found and removed.
		*/
		deleteIn(path) {
			const [key, ...rest] = path;
			if (rest.length === 0) return this.delete(key);
			const node = this.get(key, true);
			if (identity.isCollection(node)) return node.deleteIn(rest);
			else throw new Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
		}
		/**
		* Returns item at `key`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		getIn(path, keepScalar) {
			const [key, ...rest] = path;
			const node = this.get(key, true);
			if (rest.length === 0) return !keepScalar && identity.isScalar(node) ? node.value : node;
			else return identity.isCollection(node) ? node.getIn(rest, keepScalar) : void 0;
		}
		hasAllNullValues(allowScalar) {
			return this.items.every((node) => {
				if (!identity.isPair(node)) return false;
				const n = node.value;
				return n == null || allowScalar && identity.isScalar(n) && n.value == null && !n.commentBefore && !n.comment && !n.tag;
			});
		}
		/**
		* Checks if the collection includes a value with the key `key`.
		*/
		hasIn(path) {
			const [key, ...rest] = path;
			if (rest.length === 0) return this.has(key);
			const node = this.get(key, true);
			return identity.isCollection(node) ? node.hasIn(rest) : false;
		}
		/**
		* Sets a value in this collection. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		setIn(path, value) {
			const [key, ...rest] = path;
			if (rest.length === 0) this.set(key, value);
			else {
				const node = this.get(key, true);
				if (identity.isCollection(node)) node.setIn(rest, value);
				else if (node === void 0 && this.schema) this.set(key, collectionFromPath(this.schema, rest, value));
				else throw new Error(`Expected YAML collection at ${key}. Remaining path: ${rest}`);
			}
		}
	};
	exports.Collection = Collection;
	exports.collectionFromPath = collectionFromPath;
	exports.isEmptyPath = isEmptyPath;
}));
// node_modules/yaml/dist/stringify/stringifyComment.js
var require_stringifyComment = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Stringifies a comment.
	*
	* Empty comment lines are left empty,
	* lines consisting of a single space are replaced by `#`,
	* and all other lines are prefixed with a `#`.
	*/
	const stringifyComment = (str) => str.replace(/^(?!$)(?: $)?/gm, "#");
	function indentComment(comment, indent) {
		if (/^\n+$/.test(comment)) return comment.substring(1);
		return indent ? comment.replace(/^(?! *$)/gm, indent) : comment;
	}
	const lineComment = (str, indent, comment) => str.endsWith("\n") ? indentComment(comment, indent) : comment.includes("\n") ? "\n" + indentComment(comment, indent) : (str.endsWith(" ") ? "" : " ") + comment;
	exports.indentComment = indentComment;
	exports.lineComment = lineComment;
	exports.stringifyComment = stringifyComment;
}));
// node_modules/yaml/dist/stringify/foldFlowLines.js
var require_foldFlowLines = /* @__PURE__ */ __commonJSMin(((exports) => {
	const FOLD_FLOW = "flow";
	const FOLD_BLOCK = "block";
	const FOLD_QUOTED = "quoted";
	/**
	* Tries to keep input at up to `lineWidth` characters, splitting only on spaces
	* not followed by newlines or spaces unless `mode` is `'quoted'`. Lines are
	* terminated with `\n` and started with `indent`.
	*/
	function foldFlowLines(text, indent, mode = "flow", { indentAtStart, lineWidth = 80, minContentWidth = 20, onFold, onOverflow } = {}) {
		if (!lineWidth || lineWidth < 0) return text;
		if (lineWidth < minContentWidth) minContentWidth = 0;
		const endStep = Math.max(1 + minContentWidth, 1 + lineWidth - indent.length);
		if (text.length <= endStep) return text;
		const folds = [];
		const escapedFolds = {};
		let end = lineWidth - indent.length;
		if (typeof indentAtStart === "number") {
			if (indentAtStart > lineWidth - Math.max(2, minContentWidth)) folds.push(0);
			else end = lineWidth - indentAtStart;
		}
		let split = void 0;
		let prev = void 0;
		let overflow = false;
		let i = -1;
		let escStart = -1;
		let escEnd = -1;
		if (mode === FOLD_BLOCK) {
			i = consumeMoreIndentedLines(text, i, indent.length);
			if (i !== -1) end = i + endStep;
		}
		for (let ch; ch = text[i += 1];) {
			if (mode === FOLD_QUOTED && ch === "\\") {
				escStart = i;
				switch (text[i + 1]) {
					case "x":
						i += 3;
						break;
					case "u":
						i += 5;
						break;
					case "U":
						i += 9;
						break;
					default: i += 1;
				}
				escEnd = i;
			}
			if (ch === "\n") {
				if (mode === FOLD_BLOCK) i = consumeMoreIndentedLines(text, i, indent.length);
				end = i + indent.length + endStep;
				split = void 0;
			} else {
				if (ch === " " && prev && prev !== " " && prev !== "\n" && prev !== "	") {
					const next = text[i + 1];
					if (next && next !== " " && next !== "\n" && next !== "	") split = i;
				}
				if (i >= end) {
					if (split) {
						folds.push(split);
						end = split + endStep;
						split = void 0;
					} else if (mode === FOLD_QUOTED) {
						while (prev === " " || prev === "	") {
							prev = ch;
							ch = text[i += 1];
							overflow = true;
						}
						const j = i > escEnd + 1 ? i - 2 : escStart - 1;
						if (escapedFolds[j]) return text;
						folds.push(j);
						escapedFolds[j] = true;
						end = j + endStep;
						split = void 0;
					} else overflow = true;
				}
			}
			prev = ch;
		}
		if (overflow && onOverflow) onOverflow();
		if (folds.length === 0) return text;
		if (onFold) onFold();
		let res = text.slice(0, folds[0]);
		for (let i = 0; i < folds.length; ++i) {
			const fold = folds[i];
			const end = folds[i + 1] || text.length;
			if (fold === 0) res = `\n${indent}${text.slice(0, end)}`;
			else {
				if (mode === FOLD_QUOTED && escapedFolds[fold]) res += `${text[fold]}\\`;
				res += `\n${indent}${text.slice(fold + 1, end)}`;
			}
		}
		return res;
	}
	/**
	* Presumes `i + 1` is at the start of a line
	* @returns index of last newline in more-indented block
	*/
	function consumeMoreIndentedLines(text, i, indent) {
		let end = i;
		let start = i + 1;
		let ch = text[start];
		while (ch === " " || ch === "	") if (i < start + indent) ch = text[++i];
		else {
			do
				ch = text[++i];
			while (ch && ch !== "\n");
			end = i;
			start = i + 1;
			ch = text[start];
		}
		return end;
	}
	exports.FOLD_BLOCK = FOLD_BLOCK;
	exports.FOLD_FLOW = FOLD_FLOW;
	exports.FOLD_QUOTED = FOLD_QUOTED;
	exports.foldFlowLines = foldFlowLines;
}));
// node_modules/yaml/dist/stringify/stringifyString.js
var require_stringifyString = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var foldFlowLines = require_foldFlowLines();
	const getFoldOptions = (ctx, isBlock) => ({
		indentAtStart: isBlock ? ctx.indent.length : ctx.indentAtStart,
		lineWidth: ctx.options.lineWidth,
		minContentWidth: ctx.options.minContentWidth
	});
	const containsDocumentMarker = (str) => /^(%|---|\.\.\.)/m.test(str);
	function lineLengthOverLimit(str, lineWidth, indentLength) {
		if (!lineWidth || lineWidth < 0) return false;
		const limit = lineWidth - indentLength;
		const strLen = str.length;
		if (strLen <= limit) return false;
		for (let i = 0, start = 0; i < strLen; ++i) if (str[i] === "\n") {
			if (i - start > limit) return true;
			start = i + 1;
			if (strLen - start <= limit) return false;
		}
		return true;
	}
	function doubleQuotedString(value, ctx) {
		const json = JSON.stringify(value);
		if (ctx.options.doubleQuotedAsJSON) return json;
		const { implicitKey } = ctx;
		const minMultiLineLength = ctx.options.doubleQuotedMinMultiLineLength;
		const indent = ctx.indent || (containsDocumentMarker(value) ? "  " : "");
		let str = "";
		let start = 0;
		for (let i = 0, ch = json[i]; ch; ch = json[++i]) {
			if (ch === " " && json[i + 1] === "\\" && json[i + 2] === "n") {
				str += json.slice(start, i) + "\\ ";
				i += 1;
				start = i;
				ch = "\\";
			}
			if (ch === "\\") switch (json[i + 1]) {
				case "u":
					{
						str += json.slice(start, i);
						const code = json.substr(i + 2, 4);
						switch (code) {
							case "0000":
								str += "\\0";
								break;
							case "0007":
								str += "\\a";
								break;
							case "000b":
								str += "\\v";
								break;
							case "001b":
								str += "\\e";
								break;
							case "0085":
								str += "\\N";
								break;
							case "00a0":
								str += "\\_";
								break;
							case "2028":
								str += "\\L";
								break;
							case "2029":
								str += "\\P";
								break;
							default: if (code.substr(0, 2) === "00") str += "\\x" + code.substr(2);
							else str += json.substr(i, 6);
						}
						i += 5;
						start = i + 1;
					}
					break;
				case "n":
					if (implicitKey || json[i + 2] === "\"" || json.length < minMultiLineLength) i += 1;
					else {
						str += json.slice(start, i) + "\n\n";
						while (json[i + 2] === "\\" && json[i + 3] === "n" && json[i + 4] !== "\"") {
							str += "\n";
							i += 2;
						}
						str += indent;
						if (json[i + 2] === " ") str += "\\";
						i += 1;
						start = i + 1;
					}
					break;
				default: i += 1;
			}
		}
		str = start ? str + json.slice(start) : json;
		return implicitKey ? str : foldFlowLines.foldFlowLines(str, indent, foldFlowLines.FOLD_QUOTED, getFoldOptions(ctx, false));
	}
	function singleQuotedString(value, ctx) {
		if (ctx.options.singleQuote === false || ctx.implicitKey && value.includes("\n") || /[ \t]\n|\n[ \t]/.test(value)) return doubleQuotedString(value, ctx);
		const indent = ctx.indent || (containsDocumentMarker(value) ? "  " : "");
		const res = "'" + value.replace(/'/g, "''").replace(/\n+/g, `$&\n${indent}`) + "'";
		return ctx.implicitKey ? res : foldFlowLines.foldFlowLines(res, indent, foldFlowLines.FOLD_FLOW, getFoldOptions(ctx, false));
	}
	function quotedString(value, ctx) {
		const { singleQuote } = ctx.options;
		let qs;
		if (singleQuote === false) qs = doubleQuotedString;
		else {
			const hasDouble = value.includes("\"");
			const hasSingle = value.includes("'");
			if (hasDouble && !hasSingle) qs = singleQuotedString;
			else if (hasSingle && !hasDouble) qs = doubleQuotedString;
			else qs = singleQuote ? singleQuotedString : doubleQuotedString;
		}
		return qs(value, ctx);
	}
	let blockEndNewlines;
	try {
		blockEndNewlines = new RegExp("(^|(?<!\n))\n+(?!\n|$)", "g");
	} catch {
		blockEndNewlines = /\n+(?!\n|$)/g;
	}
	function blockString({ comment, type, value }, ctx, onComment, onChompKeep) {
		const { blockQuote, commentString, lineWidth } = ctx.options;
		if (!blockQuote || /\n[\t ]+$/.test(value)) return quotedString(value, ctx);
		const indent = ctx.indent || (ctx.forceBlockIndent || containsDocumentMarker(value) ? "  " : "");
		const literal = blockQuote === "literal" ? true : blockQuote === "folded" || type === Scalar.Scalar.BLOCK_FOLDED ? false : type === Scalar.Scalar.BLOCK_LITERAL ? true : !lineLengthOverLimit(value, lineWidth, indent.length);
		if (!value) return literal ? "|\n" : ">\n";
		let chomp;
		let endStart;
		for (endStart = value.length; endStart > 0; --endStart) {
			const ch = value[endStart - 1];
			if (ch !== "\n" && ch !== "	" && ch !== " ") break;
		}
		let end = value.substring(endStart);
		const endNlPos = end.indexOf("\n");
		if (endNlPos === -1) chomp = "-";
		else if (value === end || endNlPos !== end.length - 1) {
			chomp = "+";
			if (onChompKeep) onChompKeep();
		} else chomp = "";
		if (end) {
			value = value.slice(0, -end.length);
			if (end[end.length - 1] === "\n") end = end.slice(0, -1);
			end = end.replace(blockEndNewlines, `$&${indent}`);
		}
		let startWithSpace = false;
		let startEnd;
		let startNlPos = -1;
		for (startEnd = 0; startEnd < value.length; ++startEnd) {
			const ch = value[startEnd];
			if (ch === " ") startWithSpace = true;
			else if (ch === "\n") startNlPos = startEnd;
			else break;
		}
		let start = value.substring(0, startNlPos < startEnd ? startNlPos + 1 : startEnd);
		if (start) {
			value = value.substring(start.length);
			start = start.replace(/\n+/g, `$&${indent}`);
		}
		let header = (startWithSpace ? indent ? "2" : "1" : "") + chomp;
		if (comment) {
			header += " " + commentString(comment.replace(/ ?[\r\n]+/g, " "));
			if (onComment) onComment();
		}
		if (!literal) {
			const foldedValue = value.replace(/\n+/g, "\n$&").replace(/(?:^|\n)([\t ].*)(?:([\n\t ]*)\n(?![\n\t ]))?/g, "$1$2").replace(/\n+/g, `$&${indent}`);
			let literalFallback = false;
			const foldOptions = getFoldOptions(ctx, true);
			if (blockQuote !== "folded" && type !== Scalar.Scalar.BLOCK_FOLDED) foldOptions.onOverflow = () => {
				literalFallback = true;
			};
			const body = foldFlowLines.foldFlowLines(`${start}${foldedValue}${end}`, indent, foldFlowLines.FOLD_BLOCK, foldOptions);
			if (!literalFallback) return `>${header}\n${indent}${body}`;
		}
		value = value.replace(/\n+/g, `$&${indent}`);
		return `|${header}\n${indent}${start}${value}${end}`;
	}
	function plainString(item, ctx, onComment, onChompKeep) {
		const { type, value } = item;
		const { actualString, implicitKey, indent, indentStep, inFlow } = ctx;
		if (implicitKey && value.includes("\n") || inFlow && /[[\]{},]/.test(value)) return quotedString(value, ctx);
		if (/^[\n\t ,[\]{}#&*!|>'"%@`]|^[?-]$|^[?-][ \t]|[\n:][ \t]|[ \t]\n|[\n\t ]#|[\n\t :]$/.test(value)) return implicitKey || inFlow || !value.includes("\n") ? quotedString(value, ctx) : blockString(item, ctx, onComment, onChompKeep);
		if (!implicitKey && !inFlow && type !== Scalar.Scalar.PLAIN && value.includes("\n")) return blockString(item, ctx, onComment, onChompKeep);
		if (containsDocumentMarker(value)) {
			if (indent === "") {
				ctx.forceBlockIndent = true;
				return blockString(item, ctx, onComment, onChompKeep);
			} else if (implicitKey && indent === indentStep) return quotedString(value, ctx);
		}
		const str = value.replace(/\n+/g, `$&\n${indent}`);
		if (actualString) {
			const test = (tag) => tag.default && tag.tag !== "tag:yaml.org,2002:str" && tag.test?.test(str);
			const { compat, tags } = ctx.doc.schema;
			if (tags.some(test) || compat?.some(test)) return quotedString(value, ctx);
		}
		return implicitKey ? str : foldFlowLines.foldFlowLines(str, indent, foldFlowLines.FOLD_FLOW, getFoldOptions(ctx, false));
	}
	function stringifyString(item, ctx, onComment, onChompKeep) {
		const { implicitKey, inFlow } = ctx;
		const ss = typeof item.value === "string" ? item : Object.assign({}, item, { value: String(item.value) });
		let { type } = item;
		if (type !== Scalar.Scalar.QUOTE_DOUBLE) {
			if (/[\x00-\x08\x0b-\x1f\x7f-\x9f\u{D800}-\u{DFFF}]/u.test(ss.value)) type = Scalar.Scalar.QUOTE_DOUBLE;
		}
		const _stringify = (_type) => {
			switch (_type) {
				case Scalar.Scalar.BLOCK_FOLDED:
				case Scalar.Scalar.BLOCK_LITERAL: return implicitKey || inFlow ? quotedString(ss.value, ctx) : blockString(ss, ctx, onComment, onChompKeep);
				case Scalar.Scalar.QUOTE_DOUBLE: return doubleQuotedString(ss.value, ctx);
				case Scalar.Scalar.QUOTE_SINGLE: return singleQuotedString(ss.value, ctx);
				case Scalar.Scalar.PLAIN: return plainString(ss, ctx, onComment, onChompKeep);
				default: return null;
			}
		};
		let res = _stringify(type);
		if (res === null) {
			const { defaultKeyType, defaultStringType } = ctx.options;
			const t = implicitKey && defaultKeyType || defaultStringType;
			res = _stringify(t);
			if (res === null) throw new Error(`Unsupported default string type ${t}`);
		}
		return res;
	}
	exports.stringifyString = stringifyString;
}));
// node_modules/yaml/dist/stringify/stringify.js
var require_stringify = /* @__PURE__ */ __commonJSMin(((exports) => {
	var anchors = require_anchors();
	var identity = require_identity();
	var stringifyComment = require_stringifyComment();
	var stringifyString = require_stringifyString();
	function createStringifyContext(doc, options) {
		const opt = Object.assign({
			blockQuote: true,
			commentString: stringifyComment.stringifyComment,
			defaultKeyType: null,
			defaultStringType: "PLAIN",
			directives: null,
			doubleQuotedAsJSON: false,
			doubleQuotedMinMultiLineLength: 40,
			falseStr: "false",
			flowCollectionPadding: true,
			indentSeq: true,
			lineWidth: 80,
			minContentWidth: 20,
			nullStr: "null",
			simpleKeys: false,
			singleQuote: null,
			trailingComma: false,
			trueStr: "true",
			verifyAliasOrder: true
		}, doc.schema.toStringOptions, options);
		let inFlow;
		switch (opt.collectionStyle) {
			case "block":
				inFlow = false;
				break;
			case "flow":
				inFlow = true;
				break;
			default: inFlow = null;
		}
		return {
			anchors: /* @__PURE__ */ new Set(),
			doc,
			flowCollectionPadding: opt.flowCollectionPadding ? " " : "",
			indent: "",
			indentStep: typeof opt.indent === "number" ? " ".repeat(opt.indent) : "  ",
			inFlow,
			options: opt
		};
	}
	function getTagObject(tags, item) {
		if (item.tag) {
			const match = tags.filter((t) => t.tag === item.tag);
			if (match.length > 0) return match.find((t) => t.format === item.format) ?? match[0];
		}
		let tagObj = void 0;
		let obj;
		if (identity.isScalar(item)) {
			obj = item.value;
			let match = tags.filter((t) => t.identify?.(obj));
			if (match.length > 1) {
				const testMatch = match.filter((t) => t.test);
				if (testMatch.length > 0) match = testMatch;
			}
			tagObj = match.find((t) => t.format === item.format) ?? match.find((t) => !t.format);
		} else {
			obj = item;
			tagObj = tags.find((t) => t.nodeClass && obj instanceof t.nodeClass);
		}
		if (!tagObj) {
			const name = obj?.constructor?.name ?? (obj === null ? "null" : typeof obj);
			throw new Error(`Tag not resolved for ${name} value`);
		}
		return tagObj;
	}
	function stringifyProps(node, tagObj, { anchors: anchors$1, doc }) {
		if (!doc.directives) return "";
		const props = [];
		const anchor = (identity.isScalar(node) || identity.isCollection(node)) && node.anchor;
		if (anchor && anchors.anchorIsValid(anchor)) {
			anchors$1.add(anchor);
			props.push(`&${anchor}`);
		}
		const tag = node.tag ?? (tagObj.default ? null : tagObj.tag);
		if (tag) props.push(doc.directives.tagString(tag));
		return props.join(" ");
	}
	function stringify(item, ctx, onComment, onChompKeep) {
		if (identity.isPair(item)) return item.toString(ctx, onComment, onChompKeep);
		if (identity.isAlias(item)) {
			if (ctx.doc.directives) return item.toString(ctx);
			if (ctx.resolvedAliases?.has(item)) throw new TypeError(`Cannot stringify circular structure without alias nodes`);
			else {
				if (ctx.resolvedAliases) ctx.resolvedAliases.add(item);
				else ctx.resolvedAliases = /* @__PURE__ */ new Set([item]);
				item = item.resolve(ctx.doc);
			}
		}
		let tagObj = void 0;
		const node = identity.isNode(item) ? item : ctx.doc.createNode(item, { onTagObj: (o) => tagObj = o });
		tagObj ?? (tagObj = getTagObject(ctx.doc.schema.tags, node));
		const props = stringifyProps(node, tagObj, ctx);
		if (props.length > 0) ctx.indentAtStart = (ctx.indentAtStart ?? 0) + props.length + 1;
		const str = typeof tagObj.stringify === "function" ? tagObj.stringify(node, ctx, onComment, onChompKeep) : identity.isScalar(node) ? stringifyString.stringifyString(node, ctx, onComment, onChompKeep) : node.toString(ctx, onComment, onChompKeep);
		if (!props) return str;
		return identity.isScalar(node) || str[0] === "{" || str[0] === "[" ? `${props} ${str}` : `${props}\n${ctx.indent}${str}`;
	}
	exports.createStringifyContext = createStringifyContext;
	exports.stringify = stringify;
}));
// node_modules/yaml/dist/stringify/stringifyPair.js
var require_stringifyPair = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Scalar = require_Scalar();
	var stringify = require_stringify();
	var stringifyComment = require_stringifyComment();
	function stringifyPair({ key, value }, ctx, onComment, onChompKeep) {
		const { allNullValues, doc, indent, indentStep, options: { commentString, indentSeq, simpleKeys } } = ctx;
		let keyComment = identity.isNode(key) && key.comment || null;
		if (simpleKeys) {
			if (keyComment) throw new Error("With simple keys, key nodes cannot have comments");
			if (identity.isCollection(key) || !identity.isNode(key) && typeof key === "object") throw new Error("With simple keys, collection cannot be used as a key value");
		}
		let explicitKey = !simpleKeys && (!key || keyComment && value == null && !ctx.inFlow || identity.isCollection(key) || (identity.isScalar(key) ? key.type === Scalar.Scalar.BLOCK_FOLDED || key.type === Scalar.Scalar.BLOCK_LITERAL : typeof key === "object"));
		ctx = Object.assign({}, ctx, {
			allNullValues: false,
			implicitKey: !explicitKey && (simpleKeys || !allNullValues),
			indent: indent + indentStep
		});
		let keyCommentDone = false;
		let chompKeep = false;
		let str = stringify.stringify(key, ctx, () => keyCommentDone = true, () => chompKeep = true);
		if (!explicitKey && !ctx.inFlow && str.length > 1024) {
			if (simpleKeys) throw new Error("With simple keys, single line scalar must not span more than 1024 characters");
			explicitKey = true;
		}
		if (ctx.inFlow) {
			if (allNullValues || value == null) {
				if (keyCommentDone && onComment) onComment();
				return str === "" ? "?" : explicitKey ? `? ${str}` : str;
			}
		} else if (allNullValues && !simpleKeys || value == null && explicitKey) {
			str = `? ${str}`;
			if (keyComment && !keyCommentDone) str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment));
			else if (chompKeep && onChompKeep) onChompKeep();
			return str;
		}
		if (keyCommentDone) keyComment = null;
		if (explicitKey) {
			if (keyComment) str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment));
			str = `? ${str}\n${indent}:`;
		} else {
			str = `${str}:`;
			if (keyComment) str += stringifyComment.lineComment(str, ctx.indent, commentString(keyComment));
		}
		let vsb, vcb, valueComment;
		if (identity.isNode(value)) {
			vsb = !!value.spaceBefore;
			vcb = value.commentBefore;
			valueComment = value.comment;
		} else {
			vsb = false;
			vcb = null;
			valueComment = null;
			if (value && typeof value === "object") value = doc.createNode(value);
		}
		ctx.implicitKey = false;
		if (!explicitKey && !keyComment && identity.isScalar(value)) ctx.indentAtStart = str.length + 1;
		chompKeep = false;
		if (!indentSeq && indentStep.length >= 2 && !ctx.inFlow && !explicitKey && identity.isSeq(value) && !value.flow && !value.tag && !value.anchor) ctx.indent = ctx.indent.substring(2);
		let valueCommentDone = false;
		const valueStr = stringify.stringify(value, ctx, () => valueCommentDone = true, () => chompKeep = true);
		let ws = " ";
		if (keyComment || vsb || vcb) {
			ws = vsb ? "\n" : "";
			if (vcb) {
				const cs = commentString(vcb);
				ws += `\n${stringifyComment.indentComment(cs, ctx.indent)}`;
			}
			if (valueStr === "" && !ctx.inFlow) {
				if (ws === "\n" && valueComment) ws = "\n\n";
			} else ws += `\n${ctx.indent}`;
		} else if (!explicitKey && identity.isCollection(value)) {
			const vs0 = valueStr[0];
			const nl0 = valueStr.indexOf("\n");
			const hasNewline = nl0 !== -1;
			const flow = ctx.inFlow ?? value.flow ?? value.items.length === 0;
			if (hasNewline || !flow) {
				let hasPropsLine = false;
				if (hasNewline && (vs0 === "&" || vs0 === "!")) {
					let sp0 = valueStr.indexOf(" ");
					if (vs0 === "&" && sp0 !== -1 && sp0 < nl0 && valueStr[sp0 + 1] === "!") sp0 = valueStr.indexOf(" ", sp0 + 1);
					if (sp0 === -1 || nl0 < sp0) hasPropsLine = true;
				}
				if (!hasPropsLine) ws = `\n${ctx.indent}`;
			}
		} else if (valueStr === "" || valueStr[0] === "\n") ws = "";
		str += ws + valueStr;
		if (ctx.inFlow) {
			if (valueCommentDone && onComment) onComment();
		} else if (valueComment && !valueCommentDone) str += stringifyComment.lineComment(str, ctx.indent, commentString(valueComment));
		else if (chompKeep && onChompKeep) onChompKeep();
		return str;
	}
	exports.stringifyPair = stringifyPair;
}));
// node_modules/yaml/dist/log.js
var require_log = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process");
	function debug(logLevel, ...messages) {
		if (logLevel === "debug") console.log(...messages);
	}
	function warn(logLevel, warning) {
		if (logLevel === "debug" || logLevel === "warn") {
			if (typeof node_process.emitWarning === "function") node_process.emitWarning(warning);
			else console.warn(warning);
		}
	}
	exports.debug = debug;
	exports.warn = warn;
}));
// node_modules/yaml/dist/schema/yaml-1.1/merge.js
var require_merge = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Scalar = require_Scalar();
	const MERGE_KEY = "<<";
	const merge = {
		identify: (value) => value === MERGE_KEY || typeof value === "symbol" && value.description === MERGE_KEY,
		default: "key",
		tag: "tag:yaml.org,2002:merge",
		test: /^<<$/,
		resolve: () => Object.assign(new Scalar.Scalar(Symbol(MERGE_KEY)), { addToJSMap: addMergeToJSMap }),
		stringify: () => MERGE_KEY
	};
	const isMergeKey = (ctx, key) => (merge.identify(key) || identity.isScalar(key) && (!key.type || key.type === Scalar.Scalar.PLAIN) && merge.identify(key.value)) && ctx?.doc.schema.tags.some((tag) => tag.tag === merge.tag && tag.default);
	function addMergeToJSMap(ctx, map, value) {
		const source = resolveAliasValue(ctx, value);
		if (identity.isSeq(source)) for (const it of source.items) mergeValue(ctx, map, it);
		else if (Array.isArray(source)) for (const it of source) mergeValue(ctx, map, it);
		else mergeValue(ctx, map, source);
	}
	function mergeValue(ctx, map, value) {
		const source = resolveAliasValue(ctx, value);
		if (!identity.isMap(source)) throw new Error("Merge sources must be maps or map aliases");
		const srcMap = source.toJSON(null, ctx, Map);
		for (const [key, value] of srcMap) if (map instanceof Map) {
			if (!map.has(key)) map.set(key, value);
		} else if (map instanceof Set) map.add(key);
		else if (!Object.prototype.hasOwnProperty.call(map, key)) Object.defineProperty(map, key, {
			value,
			writable: true,
			enumerable: true,
			configurable: true
		});
		return map;
	}
	function resolveAliasValue(ctx, value) {
		return ctx && identity.isAlias(value) ? value.resolve(ctx.doc, ctx) : value;
	}
	exports.addMergeToJSMap = addMergeToJSMap;
	exports.isMergeKey = isMergeKey;
	exports.merge = merge;
}));
// node_modules/yaml/dist/nodes/addPairToJSMap.js
var require_addPairToJSMap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var log = require_log();
	var merge = require_merge();
	var stringify = require_stringify();
	var identity = require_identity();
	var toJS = require_toJS();
	function addPairToJSMap(ctx, map, { key, value }) {
		if (identity.isNode(key) && key.addToJSMap) key.addToJSMap(ctx, map, value);
		else if (merge.isMergeKey(ctx, key)) merge.addMergeToJSMap(ctx, map, value);
		else {
			const jsKey = toJS.toJS(key, "", ctx);
			if (map instanceof Map) map.set(jsKey, toJS.toJS(value, jsKey, ctx));
			else if (map instanceof Set) map.add(jsKey);
			else {
				const stringKey = stringifyKey(key, jsKey, ctx);
				const jsValue = toJS.toJS(value, stringKey, ctx);
				if (stringKey in map) Object.defineProperty(map, stringKey, {
					value: jsValue,
					writable: true,
					enumerable: true,
					configurable: true
				});
				else map[stringKey] = jsValue;
			}
		}
		return map;
	}
	function stringifyKey(key, jsKey, ctx) {
		if (jsKey === null) return "";
		if (typeof jsKey !== "object") return String(jsKey);
		if (identity.isNode(key) && ctx?.doc) {
			const strCtx = stringify.createStringifyContext(ctx.doc, {});
			strCtx.anchors = /* @__PURE__ */ new Set();
			for (const node of ctx.anchors.keys()) strCtx.anchors.add(node.anchor);
			strCtx.inFlow = true;
			strCtx.inStringifyKey = true;
			const strKey = key.toString(strCtx);
			if (!ctx.mapKeyWarned) {
				let jsonStr = JSON.stringify(strKey);
				if (jsonStr.length > 40) jsonStr = jsonStr.substring(0, 36) + "...\"";
				log.warn(ctx.doc.options.logLevel, `Keys with collection values will be stringified due to JS Object restrictions: ${jsonStr}. Set mapAsMap: true to use object keys.`);
				ctx.mapKeyWarned = true;
			}
			return strKey;
		}
		return JSON.stringify(jsKey);
	}
	exports.addPairToJSMap = addPairToJSMap;
}));
// node_modules/yaml/dist/nodes/Pair.js
var require_Pair = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode();
	var stringifyPair = require_stringifyPair();
	var addPairToJSMap = require_addPairToJSMap();
	var identity = require_identity();
	function createPair(key, value, ctx) {
		return new Pair(createNode.createNode(key, void 0, ctx), createNode.createNode(value, void 0, ctx));
	}
	var Pair = class Pair {
		constructor(key, value = null) {
			Object.defineProperty(this, identity.NODE_TYPE, { value: identity.PAIR });
			this.key = key;
			this.value = value;
		}
		clone(schema) {
			let { key, value } = this;
			if (identity.isNode(key)) key = key.clone(schema);
			if (identity.isNode(value)) value = value.clone(schema);
			return new Pair(key, value);
		}
		toJSON(_, ctx) {
			const pair = ctx?.mapAsMap ? /* @__PURE__ */ new Map() : {};
			return addPairToJSMap.addPairToJSMap(ctx, pair, this);
		}
		toString(ctx, onComment, onChompKeep) {
			return ctx?.doc ? stringifyPair.stringifyPair(this, ctx, onComment, onChompKeep) : JSON.stringify(this);
		}
	};
	exports.Pair = Pair;
	exports.createPair = createPair;
}));
// node_modules/yaml/dist/stringify/stringifyCollection.js
var require_stringifyCollection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var stringify = require_stringify();
	var stringifyComment = require_stringifyComment();
	function stringifyCollection(collection, ctx, options) {
		return (ctx.inFlow ?? collection.flow ? stringifyFlowCollection : stringifyBlockCollection)(collection, ctx, options);
	}
	function stringifyBlockCollection({ comment, items }, ctx, { blockItemPrefix, flowChars, itemIndent, onChompKeep, onComment }) {
		const { indent, options: { commentString } } = ctx;
		const itemCtx = Object.assign({}, ctx, {
			indent: itemIndent,
			type: null
		});
		let chompKeep = false;
		const lines = [];
		for (let i = 0; i < items.length; ++i) {
			const item = items[i];
			let comment = null;
			if (identity.isNode(item)) {
				if (!chompKeep && item.spaceBefore) lines.push("");
				addCommentBefore(ctx, lines, item.commentBefore, chompKeep);
				if (item.comment) comment = item.comment;
			} else if (identity.isPair(item)) {
				const ik = identity.isNode(item.key) ? item.key : null;
				if (ik) {
					if (!chompKeep && ik.spaceBefore) lines.push("");
					addCommentBefore(ctx, lines, ik.commentBefore, chompKeep);
				}
			}
			chompKeep = false;
			let str = stringify.stringify(item, itemCtx, () => comment = null, () => chompKeep = true);
			if (comment) str += stringifyComment.lineComment(str, itemIndent, commentString(comment));
			if (chompKeep && comment) chompKeep = false;
			lines.push(blockItemPrefix + str);
		}
		let str;
		if (lines.length === 0) str = flowChars.start + flowChars.end;
		else {
			str = lines[0];
			for (let i = 1; i < lines.length; ++i) {
				const line = lines[i];
				str += line ? `\n${indent}${line}` : "\n";
			}
		}
		if (comment) {
			str += "\n" + stringifyComment.indentComment(commentString(comment), indent);
			if (onComment) onComment();
		} else if (chompKeep && onChompKeep) onChompKeep();
		return str;
	}
	function stringifyFlowCollection({ items }, ctx, { flowChars, itemIndent }) {
		const { indent, indentStep, flowCollectionPadding: fcPadding, options: { commentString } } = ctx;
		itemIndent += indentStep;
		const itemCtx = Object.assign({}, ctx, {
			indent: itemIndent,
			inFlow: true,
			type: null
		});
		let reqNewline = false;
		let linesAtValue = 0;
		const lines = [];
		for (let i = 0; i < items.length; ++i) {
			const item = items[i];
			let comment = null;
			if (identity.isNode(item)) {
				if (item.spaceBefore) lines.push("");
				addCommentBefore(ctx, lines, item.commentBefore, false);
				if (item.comment) comment = item.comment;
			} else if (identity.isPair(item)) {
				const ik = identity.isNode(item.key) ? item.key : null;
				if (ik) {
					if (ik.spaceBefore) lines.push("");
					addCommentBefore(ctx, lines, ik.commentBefore, false);
					if (ik.comment) reqNewline = true;
				}
				const iv = identity.isNode(item.value) ? item.value : null;
				if (iv) {
					if (iv.comment) comment = iv.comment;
					if (iv.commentBefore) reqNewline = true;
				} else if (item.value == null && ik?.comment) comment = ik.comment;
			}
			if (comment) reqNewline = true;
			let str = stringify.stringify(item, itemCtx, () => comment = null);
			reqNewline || (reqNewline = lines.length > linesAtValue || str.includes("\n"));
			if (i < items.length - 1) str += ",";
			else if (ctx.options.trailingComma) {
				if (ctx.options.lineWidth > 0) reqNewline || (reqNewline = lines.reduce((sum, line) => sum + line.length + 2, 2) + (str.length + 2) > ctx.options.lineWidth);
				if (reqNewline) str += ",";
			}
			if (comment) str += stringifyComment.lineComment(str, itemIndent, commentString(comment));
			lines.push(str);
			linesAtValue = lines.length;
		}
		const { start, end } = flowChars;
		if (lines.length === 0) return start + end;
		else {
			if (!reqNewline) {
				const len = lines.reduce((sum, line) => sum + line.length + 2, 2);
				reqNewline = ctx.options.lineWidth > 0 && len > ctx.options.lineWidth;
			}
			if (reqNewline) {
				let str = start;
				for (const line of lines) str += line ? `\n${indentStep}${indent}${line}` : "\n";
				return `${str}\n${indent}${end}`;
			} else return `${start}${fcPadding}${lines.join(" ")}${fcPadding}${end}`;
		}
	}
	function addCommentBefore({ indent, options: { commentString } }, lines, comment, chompKeep) {
		if (comment && chompKeep) comment = comment.replace(/^\n+/, "");
		if (comment) {
			const ic = stringifyComment.indentComment(commentString(comment), indent);
			lines.push(ic.trimStart());
		}
	}
	exports.stringifyCollection = stringifyCollection;
}));
// node_modules/yaml/dist/nodes/YAMLMap.js
var require_YAMLMap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyCollection = require_stringifyCollection();
	var addPairToJSMap = require_addPairToJSMap();
	var Collection = require_Collection();
	var identity = require_identity();
	var Pair = require_Pair();
	var Scalar = require_Scalar();
	function findPair(items, key) {
		const k = identity.isScalar(key) ? key.value : key;
		for (const it of items) if (identity.isPair(it)) {
			if (it.key === key || it.key === k) return it;
			if (identity.isScalar(it.key) && it.key.value === k) return it;
		}
	}
	var YAMLMap = class extends Collection.Collection {
		static get tagName() {
			return "tag:yaml.org,2002:map";
		}
		constructor(schema) {
			super(identity.MAP, schema);
			this.items = [];
		}
		/**
		* A generic collection parsing method that can be extended
		* to other node classes that inherit from YAMLMap
		*/
		static from(schema, obj, ctx) {
			const { keepUndefined, replacer } = ctx;
			const map = new this(schema);
			const add = (key, value) => {
				if (typeof replacer === "function") value = replacer.call(obj, key, value);
				else if (Array.isArray(replacer) && !replacer.includes(key)) return;
				if (value !== void 0 || keepUndefined) map.items.push(Pair.createPair(key, value, ctx));
			};
			if (obj instanceof Map) for (const [key, value] of obj) add(key, value);
			else if (obj && typeof obj === "object") for (const key of Object.keys(obj)) add(key, obj[key]);
			if (typeof schema.sortMapEntries === "function") map.items.sort(schema.sortMapEntries);
			return map;
		}
		/**
		* Adds a value to the collection.
		*
		* @param overwrite - If not set `true`, using a key that is already in the
		*   collection will throw. Otherwise, overwrites the previous value.
		*/
		add(pair, overwrite) {
			let _pair;
			if (identity.isPair(pair)) _pair = pair;
			else if (!pair || typeof pair !== "object" || !("key" in pair)) _pair = new Pair.Pair(pair, pair?.value);
			else _pair = new Pair.Pair(pair.key, pair.value);
			const prev = findPair(this.items, _pair.key);
			const sortEntries = this.schema?.sortMapEntries;
			if (prev) {
				if (!overwrite) throw new Error(`Key ${_pair.key} already set`);
				if (identity.isScalar(prev.value) && Scalar.isScalarValue(_pair.value)) prev.value.value = _pair.value;
				else prev.value = _pair.value;
			} else if (sortEntries) {
				const i = this.items.findIndex((item) => sortEntries(_pair, item) < 0);
				if (i === -1) this.items.push(_pair);
				else this.items.splice(i, 0, _pair);
			} else this.items.push(_pair);
		}
		delete(key) {
			const it = findPair(this.items, key);
			if (!it) return false;
			return this.items.splice(this.items.indexOf(it), 1).length > 0;
		}
		get(key, keepScalar) {
			const node = findPair(this.items, key)?.value;
			return (!keepScalar && identity.isScalar(node) ? node.value : node) ?? void 0;
		}
		has(key) {
			return !!findPair(this.items, key);
		}
		set(key, value) {
			this.add(new Pair.Pair(key, value), true);
		}
		/**
		* @param ctx - Conversion context, originally set in Document#toJS()
		* @param {Class} Type - If set, forces the returned collection type
		* @returns Instance of Type, Map, or Object
		*/
		toJSON(_, ctx, Type) {
			const map = Type ? new Type() : ctx?.mapAsMap ? /* @__PURE__ */ new Map() : {};
			if (ctx?.onCreate) ctx.onCreate(map);
			for (const item of this.items) addPairToJSMap.addPairToJSMap(ctx, map, item);
			return map;
		}
		toString(ctx, onComment, onChompKeep) {
			if (!ctx) return JSON.stringify(this);
			for (const item of this.items) if (!identity.isPair(item)) throw new Error(`Map items must all be pairs; found ${JSON.stringify(item)} instead`);
			if (!ctx.allNullValues && this.hasAllNullValues(false)) ctx = Object.assign({}, ctx, { allNullValues: true });
			return stringifyCollection.stringifyCollection(this, ctx, {
				blockItemPrefix: "",
				flowChars: {
					start: "{",
					end: "}"
				},
				itemIndent: ctx.indent || "",
				onChompKeep,
				onComment
			});
		}
	};
	exports.YAMLMap = YAMLMap;
	exports.findPair = findPair;
}));
// node_modules/yaml/dist/schema/common/map.js
var require_map = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var YAMLMap = require_YAMLMap();
	exports.map = {
		collection: "map",
		default: true,
		nodeClass: YAMLMap.YAMLMap,
		tag: "tag:yaml.org,2002:map",
		resolve(map, onError) {
			if (!identity.isMap(map)) onError("Expected a mapping for this tag");
			return map;
		},
		createNode: (schema, obj, ctx) => YAMLMap.YAMLMap.from(schema, obj, ctx)
	};
}));
// node_modules/yaml/dist/nodes/YAMLSeq.js
var require_YAMLSeq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var createNode = require_createNode();
	var stringifyCollection = require_stringifyCollection();
	var Collection = require_Collection();
	var identity = require_identity();
	var Scalar = require_Scalar();
	var toJS = require_toJS();
	var YAMLSeq = class extends Collection.Collection {
		static get tagName() {
			return "tag:yaml.org,2002:seq";
		}
		constructor(schema) {
			super(identity.SEQ, schema);
			this.items = [];
		}
		add(value) {
			this.items.push(value);
		}
		/**
		* Removes a value from the collection.
		*
		* `key` must contain a representation of an integer for this to succeed.
		* It may be wrapped in a `Scalar`.
		*
		* @returns `true` if the item was found and removed.
		*/
		delete(key) {
			const idx = asItemIndex(key);
			if (typeof idx !== "number") return false;
			return this.items.splice(idx, 1).length > 0;
		}
		get(key, keepScalar) {
			const idx = asItemIndex(key);
			if (typeof idx !== "number") return void 0;
			const it = this.items[idx];
			return !keepScalar && identity.isScalar(it) ? it.value : it;
		}
		/**
		* Checks if the collection includes a value with the key `key`.
		*
		* `key` must contain a representation of an integer for this to succeed.
		* It may be wrapped in a `Scalar`.
		*/
		has(key) {
			const idx = asItemIndex(key);
			return typeof idx === "number" && idx < this.items.length;
		}
		/**
		* Sets a value in this collection. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*
		* If `key` does not contain a representation of an integer, this will throw.
		* It may be wrapped in a `Scalar`.
		*/
		set(key, value) {
			const idx = asItemIndex(key);
			if (typeof idx !== "number") throw new Error(`Expected a valid index, not ${key}.`);
			const prev = this.items[idx];
			if (identity.isScalar(prev) && Scalar.isScalarValue(value)) prev.value = value;
			else this.items[idx] = value;
		}
		toJSON(_, ctx) {
			const seq = [];
			if (ctx?.onCreate) ctx.onCreate(seq);
			let i = 0;
			for (const item of this.items) seq.push(toJS.toJS(item, String(i++), ctx));
			return seq;
		}
		toString(ctx, onComment, onChompKeep) {
			if (!ctx) return JSON.stringify(this);
			return stringifyCollection.stringifyCollection(this, ctx, {
				blockItemPrefix: "- ",
				flowChars: {
					start: "[",
					end: "]"
				},
				itemIndent: (ctx.indent || "") + "  ",
				onChompKeep,
				onComment
			});
		}
		static from(schema, obj, ctx) {
			const { replacer } = ctx;
			const seq = new this(schema);
			if (obj && Symbol.iterator in Object(obj)) {
				let i = 0;
				for (let it of obj) {
					if (typeof replacer === "function") {
						const key = obj instanceof Set ? it : String(i++);
						it = replacer.call(obj, key, it);
					}
					seq.items.push(createNode.createNode(it, void 0, ctx));
				}
			}
			return seq;
		}
	};
	function asItemIndex(key) {
		let idx = identity.isScalar(key) ? key.value : key;
		if (idx && typeof idx === "string") idx = Number(idx);
		return typeof idx === "number" && Number.isInteger(idx) && idx >= 0 ? idx : null;
	}
	exports.YAMLSeq = YAMLSeq;
}));
// node_modules/yaml/dist/schema/common/seq.js
var require_seq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var YAMLSeq = require_YAMLSeq();
	exports.seq = {
		collection: "seq",
		default: true,
		nodeClass: YAMLSeq.YAMLSeq,
		tag: "tag:yaml.org,2002:seq",
		resolve(seq, onError) {
			if (!identity.isSeq(seq)) onError("Expected a sequence for this tag");
			return seq;
		},
		createNode: (schema, obj, ctx) => YAMLSeq.YAMLSeq.from(schema, obj, ctx)
	};
}));
// node_modules/yaml/dist/schema/common/string.js
var require_string = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyString = require_stringifyString();
	exports.string = {
		identify: (value) => typeof value === "string",
		default: true,
		tag: "tag:yaml.org,2002:str",
		resolve: (str) => str,
		stringify(item, ctx, onComment, onChompKeep) {
			ctx = Object.assign({ actualString: true }, ctx);
			return stringifyString.stringifyString(item, ctx, onComment, onChompKeep);
		}
	};
}));
// node_modules/yaml/dist/schema/common/null.js
var require_null = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	const nullTag = {
		identify: (value) => value == null,
		createNode: () => new Scalar.Scalar(null),
		default: true,
		tag: "tag:yaml.org,2002:null",
		test: /^(?:~|[Nn]ull|NULL)?$/,
		resolve: () => new Scalar.Scalar(null),
		stringify: ({ source }, ctx) => typeof source === "string" && nullTag.test.test(source) ? source : ctx.options.nullStr
	};
	exports.nullTag = nullTag;
}));
// node_modules/yaml/dist/schema/core/bool.js
var require_bool$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	const boolTag = {
		identify: (value) => typeof value === "boolean",
		default: true,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:[Tt]rue|TRUE|[Ff]alse|FALSE)$/,
		resolve: (str) => new Scalar.Scalar(str[0] === "t" || str[0] === "T"),
		stringify({ source, value }, ctx) {
			if (source && boolTag.test.test(source)) {
				if (value === (source[0] === "t" || source[0] === "T")) return source;
			}
			return value ? ctx.options.trueStr : ctx.options.falseStr;
		}
	};
	exports.boolTag = boolTag;
}));
// node_modules/yaml/dist/stringify/stringifyNumber.js
var require_stringifyNumber = /* @__PURE__ */ __commonJSMin(((exports) => {
	function stringifyNumber({ format, minFractionDigits, tag, value }) {
		if (typeof value === "bigint") return String(value);
		const num = typeof value === "number" ? value : Number(value);
		if (!isFinite(num)) return isNaN(num) ? ".nan" : num < 0 ? "-.inf" : ".inf";
		let n = Object.is(value, -0) ? "-0" : JSON.stringify(value);
		if (!format && minFractionDigits && (!tag || tag === "tag:yaml.org,2002:float") && /^-?\d/.test(n) && !n.includes("e")) {
			let i = n.indexOf(".");
			if (i < 0) {
				i = n.length;
				n += ".";
			}
			let d = minFractionDigits - (n.length - i - 1);
			while (d-- > 0) n += "0";
		}
		return n;
	}
	exports.stringifyNumber = stringifyNumber;
}));
// node_modules/yaml/dist/schema/core/float.js
var require_float$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var stringifyNumber = require_stringifyNumber();
	const floatNaN = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
		resolve: (str) => str.slice(-3).toLowerCase() === "nan" ? NaN : str[0] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
		stringify: stringifyNumber.stringifyNumber
	};
	const floatExp = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		format: "EXP",
		test: /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+$/,
		resolve: (str) => parseFloat(str),
		stringify(node) {
			const num = Number(node.value);
			return isFinite(num) ? num.toExponential() : stringifyNumber.stringifyNumber(node);
		}
	};
	exports.float = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		test: /^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)$/,
		resolve(str) {
			const node = new Scalar.Scalar(parseFloat(str));
			const dot = str.indexOf(".");
			if (dot !== -1 && str[str.length - 1] === "0") node.minFractionDigits = str.length - dot - 1;
			return node;
		},
		stringify: stringifyNumber.stringifyNumber
	};
	exports.floatExp = floatExp;
	exports.floatNaN = floatNaN;
}));
// node_modules/yaml/dist/schema/core/int.js
var require_int$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	const intIdentify = (value) => typeof value === "bigint" || Number.isInteger(value);
	const intResolve = (str, offset, radix, { intAsBigInt }) => intAsBigInt ? BigInt(str) : parseInt(str.substring(offset), radix);
	function intStringify(node, radix, prefix) {
		const { value } = node;
		if (intIdentify(value) && value >= 0) return prefix + value.toString(radix);
		return stringifyNumber.stringifyNumber(node);
	}
	const intOct = {
		identify: (value) => intIdentify(value) && value >= 0,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "OCT",
		test: /^0o[0-7]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 8, opt),
		stringify: (node) => intStringify(node, 8, "0o")
	};
	const int = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		test: /^[-+]?[0-9]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 0, 10, opt),
		stringify: stringifyNumber.stringifyNumber
	};
	const intHex = {
		identify: (value) => intIdentify(value) && value >= 0,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "HEX",
		test: /^0x[0-9a-fA-F]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 16, opt),
		stringify: (node) => intStringify(node, 16, "0x")
	};
	exports.int = int;
	exports.intHex = intHex;
	exports.intOct = intOct;
}));
// node_modules/yaml/dist/schema/core/schema.js
var require_schema$2 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map();
	var _null = require_null();
	var seq = require_seq();
	var string = require_string();
	var bool = require_bool$1();
	var float = require_float$1();
	var int = require_int$1();
	exports.schema = [
		map.map,
		seq.seq,
		string.string,
		_null.nullTag,
		bool.boolTag,
		int.intOct,
		int.int,
		int.intHex,
		float.floatNaN,
		float.floatExp,
		float.float
	];
}));
// node_modules/yaml/dist/schema/json/schema.js
var require_schema$1 = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var map = require_map();
	var seq = require_seq();
	function intIdentify(value) {
		return typeof value === "bigint" || Number.isInteger(value);
	}
	const stringifyJSON = ({ value }) => JSON.stringify(value);
	const jsonScalars = [
		{
			identify: (value) => typeof value === "string",
			default: true,
			tag: "tag:yaml.org,2002:str",
			resolve: (str) => str,
			stringify: stringifyJSON
		},
		{
			identify: (value) => value == null,
			createNode: () => new Scalar.Scalar(null),
			default: true,
			tag: "tag:yaml.org,2002:null",
			test: /^null$/,
			resolve: () => null,
			stringify: stringifyJSON
		},
		{
			identify: (value) => typeof value === "boolean",
			default: true,
			tag: "tag:yaml.org,2002:bool",
			test: /^true$|^false$/,
			resolve: (str) => str === "true",
			stringify: stringifyJSON
		},
		{
			identify: intIdentify,
			default: true,
			tag: "tag:yaml.org,2002:int",
			test: /^-?(?:0|[1-9][0-9]*)$/,
			resolve: (str, _onError, { intAsBigInt }) => intAsBigInt ? BigInt(str) : parseInt(str, 10),
			stringify: ({ value }) => intIdentify(value) ? value.toString() : JSON.stringify(value)
		},
		{
			identify: (value) => typeof value === "number",
			default: true,
			tag: "tag:yaml.org,2002:float",
			test: /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$/,
			resolve: (str) => parseFloat(str),
			stringify: stringifyJSON
		}
	];
	exports.schema = [map.map, seq.seq].concat(jsonScalars, {
		default: true,
		tag: "",
		test: /^/,
		resolve(str, onError) {
			onError(`Unresolved plain scalar ${JSON.stringify(str)}`);
			return str;
		}
	});
}));
// node_modules/yaml/dist/schema/yaml-1.1/binary.js
var require_binary = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_buffer = __require("buffer");
	var Scalar = require_Scalar();
	var stringifyString = require_stringifyString();
	exports.binary = {
		identify: (value) => value instanceof Uint8Array,
		default: false,
		tag: "tag:yaml.org,2002:binary",
		/**
		* Returns a Buffer in node and an Uint8Array in browsers
		*
		* To use the resulting buffer as an image, you'll want to do something like:
		*
		*   const blob = new Blob([buffer], { type: 'image/jpeg' })
		*   document.querySelector('#photo').src = URL.createObjectURL(blob)
		*/
		resolve(src, onError) {
			if (typeof node_buffer.Buffer === "function") return node_buffer.Buffer.from(src, "base64");
			else if (typeof atob === "function") {
				const str = atob(src.replace(/[\n\r]/g, ""));
				const buffer = new Uint8Array(str.length);
				for (let i = 0; i < str.length; ++i) buffer[i] = str.charCodeAt(i);
				return buffer;
			} else {
				onError("This environment does not support reading binary tags; either Buffer or atob is required");
				return src;
			}
		},
		stringify({ comment, type, value }, ctx, onComment, onChompKeep) {
			if (!value) return "";
			const buf = value;
			let str;
			if (typeof node_buffer.Buffer === "function") str = buf instanceof node_buffer.Buffer ? buf.toString("base64") : node_buffer.Buffer.from(buf.buffer).toString("base64");
			else if (typeof btoa === "function") {
				let s = "";
				for (let i = 0; i < buf.length; ++i) s += String.fromCharCode(buf[i]);
				str = btoa(s);
			} else throw new Error("This environment does not support writing binary tags; either Buffer or btoa is required");
			type ?? (type = Scalar.Scalar.BLOCK_LITERAL);
			if (type !== Scalar.Scalar.QUOTE_DOUBLE) {
				const lineWidth = Math.max(ctx.options.lineWidth - ctx.indent.length, ctx.options.minContentWidth);
				const n = Math.ceil(str.length / lineWidth);
				const lines = new Array(n);
				for (let i = 0, o = 0; i < n; ++i, o += lineWidth) lines[i] = str.substr(o, lineWidth);
				str = lines.join(type === Scalar.Scalar.BLOCK_LITERAL ? "\n" : " ");
			}
			return stringifyString.stringifyString({
				comment,
				type,
				value: str
			}, ctx, onComment, onChompKeep);
		}
	};
}));
// node_modules/yaml/dist/schema/yaml-1.1/pairs.js
var require_pairs = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Pair = require_Pair();
	var Scalar = require_Scalar();
	var YAMLSeq = require_YAMLSeq();
	function resolvePairs(seq, onError) {
		if (identity.isSeq(seq)) for (let i = 0; i < seq.items.length; ++i) {
			let item = seq.items[i];
			if (identity.isPair(item)) continue;
			else if (identity.isMap(item)) {
				if (item.items.length > 1) onError("Each pair must have its own sequence indicator");
				const pair = item.items[0] || new Pair.Pair(new Scalar.Scalar(null));
				if (item.commentBefore) pair.key.commentBefore = pair.key.commentBefore ? `${item.commentBefore}\n${pair.key.commentBefore}` : item.commentBefore;
				if (item.comment) {
					const cn = pair.value ?? pair.key;
					cn.comment = cn.comment ? `${item.comment}\n${cn.comment}` : item.comment;
				}
				item = pair;
			}
			seq.items[i] = identity.isPair(item) ? item : new Pair.Pair(item);
		}
		else onError("Expected a sequence for this tag");
		return seq;
	}
	function createPairs(schema, iterable, ctx) {
		const { replacer } = ctx;
		const pairs = new YAMLSeq.YAMLSeq(schema);
		pairs.tag = "tag:yaml.org,2002:pairs";
		let i = 0;
		if (iterable && Symbol.iterator in Object(iterable)) for (let it of iterable) {
			if (typeof replacer === "function") it = replacer.call(iterable, String(i++), it);
			let key, value;
			if (Array.isArray(it)) {
				if (it.length === 2) {
					key = it[0];
					value = it[1];
				} else throw new TypeError(`Expected [key, value] tuple: ${it}`);
			} else if (it && it instanceof Object) {
				const keys = Object.keys(it);
				if (keys.length === 1) {
					key = keys[0];
					value = it[key];
				} else throw new TypeError(`Expected tuple with one key, not ${keys.length} keys`);
			} else key = it;
			pairs.items.push(Pair.createPair(key, value, ctx));
		}
		return pairs;
	}
	const pairs = {
		collection: "seq",
		default: false,
		tag: "tag:yaml.org,2002:pairs",
		resolve: resolvePairs,
		createNode: createPairs
	};
	exports.createPairs = createPairs;
	exports.pairs = pairs;
	exports.resolvePairs = resolvePairs;
}));
// node_modules/yaml/dist/schema/yaml-1.1/omap.js
var require_omap = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var toJS = require_toJS();
	var YAMLMap = require_YAMLMap();
	var YAMLSeq = require_YAMLSeq();
	var pairs = require_pairs();
	var YAMLOMap = class YAMLOMap extends YAMLSeq.YAMLSeq {
		constructor() {
			super();
			this.add = YAMLMap.YAMLMap.prototype.add.bind(this);
			this.delete = YAMLMap.YAMLMap.prototype.delete.bind(this);
			this.get = YAMLMap.YAMLMap.prototype.get.bind(this);
			this.has = YAMLMap.YAMLMap.prototype.has.bind(this);
			this.set = YAMLMap.YAMLMap.prototype.set.bind(this);
			this.tag = YAMLOMap.tag;
		}
		/**
		* If `ctx` is given, the return type is actually `Map<unknown, unknown>`,
		* but TypeScript won't allow widening the signature of a child method.
		*/
		toJSON(_, ctx) {
			if (!ctx) return super.toJSON(_);
			const map = /* @__PURE__ */ new Map();
			if (ctx?.onCreate) ctx.onCreate(map);
			for (const pair of this.items) {
				let key, value;
				if (identity.isPair(pair)) {
					key = toJS.toJS(pair.key, "", ctx);
					value = toJS.toJS(pair.value, key, ctx);
				} else key = toJS.toJS(pair, "", ctx);
				if (map.has(key)) throw new Error("Ordered maps must not include duplicate keys");
				map.set(key, value);
			}
			return map;
		}
		static from(schema, iterable, ctx) {
			const pairs$1 = pairs.createPairs(schema, iterable, ctx);
			const omap = new this();
			omap.items = pairs$1.items;
			return omap;
		}
	};
	YAMLOMap.tag = "tag:yaml.org,2002:omap";
	const omap = {
		collection: "seq",
		identify: (value) => value instanceof Map,
		nodeClass: YAMLOMap,
		default: false,
		tag: "tag:yaml.org,2002:omap",
		resolve(seq, onError) {
			const pairs$1 = pairs.resolvePairs(seq, onError);
			const seenKeys = [];
			for (const { key } of pairs$1.items) if (identity.isScalar(key)) {
				if (seenKeys.includes(key.value)) onError(`Ordered maps must not include duplicate keys: ${key.value}`);
				else seenKeys.push(key.value);
			}
			return Object.assign(new YAMLOMap(), pairs$1);
		},
		createNode: (schema, iterable, ctx) => YAMLOMap.from(schema, iterable, ctx)
	};
	exports.YAMLOMap = YAMLOMap;
	exports.omap = omap;
}));
// node_modules/yaml/dist/schema/yaml-1.1/bool.js
var require_bool = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	function boolStringify({ value, source }, ctx) {
		if (source && (value ? trueTag : falseTag).test.test(source)) return source;
		return value ? ctx.options.trueStr : ctx.options.falseStr;
	}
	const trueTag = {
		identify: (value) => value === true,
		default: true,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:Y|y|[Yy]es|YES|[Tt]rue|TRUE|[Oo]n|ON)$/,
		resolve: () => new Scalar.Scalar(true),
		stringify: boolStringify
	};
	const falseTag = {
		identify: (value) => value === false,
		default: true,
		tag: "tag:yaml.org,2002:bool",
		test: /^(?:N|n|[Nn]o|NO|[Ff]alse|FALSE|[Oo]ff|OFF)$/,
		resolve: () => new Scalar.Scalar(false),
		stringify: boolStringify
	};
	exports.falseTag = falseTag;
	exports.trueTag = trueTag;
}));
// node_modules/yaml/dist/schema/yaml-1.1/float.js
var require_float = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var stringifyNumber = require_stringifyNumber();
	const floatNaN = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
		resolve: (str) => str.slice(-3).toLowerCase() === "nan" ? NaN : str[0] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
		stringify: stringifyNumber.stringifyNumber
	};
	const floatExp = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		format: "EXP",
		test: /^[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?[eE][-+]?[0-9]+$/,
		resolve: (str) => parseFloat(str.replace(/_/g, "")),
		stringify(node) {
			const num = Number(node.value);
			return isFinite(num) ? num.toExponential() : stringifyNumber.stringifyNumber(node);
		}
	};
	exports.float = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		test: /^[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*$/,
		resolve(str) {
			const node = new Scalar.Scalar(parseFloat(str.replace(/_/g, "")));
			const dot = str.indexOf(".");
			if (dot !== -1) {
				const f = str.substring(dot + 1).replace(/_/g, "");
				if (f[f.length - 1] === "0") node.minFractionDigits = f.length;
			}
			return node;
		},
		stringify: stringifyNumber.stringifyNumber
	};
	exports.floatExp = floatExp;
	exports.floatNaN = floatNaN;
}));
// node_modules/yaml/dist/schema/yaml-1.1/int.js
var require_int = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	const intIdentify = (value) => typeof value === "bigint" || Number.isInteger(value);
	function intResolve(str, offset, radix, { intAsBigInt }) {
		const sign = str[0];
		if (sign === "-" || sign === "+") offset += 1;
		str = str.substring(offset).replace(/_/g, "");
		if (intAsBigInt) {
			switch (radix) {
				case 2:
					str = `0b${str}`;
					break;
				case 8:
					str = `0o${str}`;
					break;
				case 16: str = `0x${str}`;
			}
			const n = BigInt(str);
			return sign === "-" ? BigInt(-1) * n : n;
		}
		const n = parseInt(str, radix);
		return sign === "-" ? -1 * n : n;
	}
	function intStringify(node, radix, prefix) {
		const { value } = node;
		if (intIdentify(value)) {
			const str = value.toString(radix);
			return value < 0 ? "-" + prefix + str.substr(1) : prefix + str;
		}
		return stringifyNumber.stringifyNumber(node);
	}
	const intBin = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "BIN",
		test: /^[-+]?0b[0-1_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 2, opt),
		stringify: (node) => intStringify(node, 2, "0b")
	};
	const intOct = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "OCT",
		test: /^[-+]?0[0-7_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 1, 8, opt),
		stringify: (node) => intStringify(node, 8, "0")
	};
	const int = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		test: /^[-+]?[0-9][0-9_]*$/,
		resolve: (str, _onError, opt) => intResolve(str, 0, 10, opt),
		stringify: stringifyNumber.stringifyNumber
	};
	const intHex = {
		identify: intIdentify,
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "HEX",
		test: /^[-+]?0x[0-9a-fA-F_]+$/,
		resolve: (str, _onError, opt) => intResolve(str, 2, 16, opt),
		stringify: (node) => intStringify(node, 16, "0x")
	};
	exports.int = int;
	exports.intBin = intBin;
	exports.intHex = intHex;
	exports.intOct = intOct;
}));
// node_modules/yaml/dist/schema/yaml-1.1/set.js
var require_set = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Pair = require_Pair();
	var YAMLMap = require_YAMLMap();
	var YAMLSet = class YAMLSet extends YAMLMap.YAMLMap {
		constructor(schema) {
			super(schema);
			this.tag = YAMLSet.tag;
		}
		add(key) {
			let pair;
			if (identity.isPair(key)) pair = key;
			else if (key && typeof key === "object" && "key" in key && "value" in key && key.value === null) pair = new Pair.Pair(key.key, null);
			else pair = new Pair.Pair(key, null);
			if (!YAMLMap.findPair(this.items, pair.key)) this.items.push(pair);
		}
		/**
		* If `keepPair` is `true`, returns the Pair matching `key`.
		* Otherwise, returns the value of that Pair's key.
		*/
		get(key, keepPair) {
			const pair = YAMLMap.findPair(this.items, key);
			return !keepPair && identity.isPair(pair) ? identity.isScalar(pair.key) ? pair.key.value : pair.key : pair;
		}
		set(key, value) {
			if (typeof value !== "boolean") throw new Error(`Expected boolean value for set(key, value) in a YAML set, not ${typeof value}`);
			const prev = YAMLMap.findPair(this.items, key);
			if (prev && !value) this.items.splice(this.items.indexOf(prev), 1);
			else if (!prev && value) this.items.push(new Pair.Pair(key));
		}
		toJSON(_, ctx) {
			return super.toJSON(_, ctx, Set);
		}
		toString(ctx, onComment, onChompKeep) {
			if (!ctx) return JSON.stringify(this);
			if (this.hasAllNullValues(true)) return super.toString(Object.assign({}, ctx, { allNullValues: true }), onComment, onChompKeep);
			else throw new Error("Set items must all have null values");
		}
		static from(schema, iterable, ctx) {
			const { replacer } = ctx;
			const set = new this(schema);
			if (iterable && Symbol.iterator in Object(iterable)) for (let value of iterable) {
				if (typeof replacer === "function") value = replacer.call(iterable, value, value);
				set.items.push(Pair.createPair(value, null, ctx));
			}
			return set;
		}
	};
	YAMLSet.tag = "tag:yaml.org,2002:set";
	const set = {
		collection: "map",
		identify: (value) => value instanceof Set,
		nodeClass: YAMLSet,
		default: false,
		tag: "tag:yaml.org,2002:set",
		createNode: (schema, iterable, ctx) => YAMLSet.from(schema, iterable, ctx),
		resolve(map, onError) {
			if (identity.isMap(map)) {
				if (map.hasAllNullValues(true)) return Object.assign(new YAMLSet(), map);
				else onError("Set items must all have null values");
			} else onError("Expected a mapping for this tag");
			return map;
		}
	};
	exports.YAMLSet = YAMLSet;
	exports.set = set;
}));
// node_modules/yaml/dist/schema/yaml-1.1/timestamp.js
var require_timestamp = /* @__PURE__ */ __commonJSMin(((exports) => {
	var stringifyNumber = require_stringifyNumber();
	/** Internal types handle bigint as number, because TS can't figure it out. */
	function parseSexagesimal(str, asBigInt) {
		const sign = str[0];
		const parts = sign === "-" || sign === "+" ? str.substring(1) : str;
		const num = (n) => asBigInt ? BigInt(n) : Number(n);
		const res = parts.replace(/_/g, "").split(":").reduce((res, p) => res * num(60) + num(p), num(0));
		return sign === "-" ? num(-1) * res : res;
	}
	/**
	* hhhh:mm:ss.sss
	*
	* Internal types handle bigint as number, because TS can't figure it out.
	*/
	function stringifySexagesimal(node) {
		let { value } = node;
		let num = (n) => n;
		if (typeof value === "bigint") num = (n) => BigInt(n);
		else if (isNaN(value) || !isFinite(value)) return stringifyNumber.stringifyNumber(node);
		let sign = "";
		if (value < 0) {
			sign = "-";
			value *= num(-1);
		}
		const _60 = num(60);
		const parts = [value % _60];
		if (value < 60) parts.unshift(0);
		else {
			value = (value - parts[0]) / _60;
			parts.unshift(value % _60);
			if (value >= 60) {
				value = (value - parts[0]) / _60;
				parts.unshift(value);
			}
		}
		return sign + parts.map((n) => String(n).padStart(2, "0")).join(":").replace(/000000\d*$/, "");
	}
	const intTime = {
		identify: (value) => typeof value === "bigint" || Number.isInteger(value),
		default: true,
		tag: "tag:yaml.org,2002:int",
		format: "TIME",
		test: /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+$/,
		resolve: (str, _onError, { intAsBigInt }) => parseSexagesimal(str, intAsBigInt),
		stringify: stringifySexagesimal
	};
	const floatTime = {
		identify: (value) => typeof value === "number",
		default: true,
		tag: "tag:yaml.org,2002:float",
		format: "TIME",
		test: /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/,
		resolve: (str) => parseSexagesimal(str, false),
		stringify: stringifySexagesimal
	};
	const timestamp = {
		identify: (value) => value instanceof Date,
		default: true,
		tag: "tag:yaml.org,2002:timestamp",
		test: RegExp("^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:(?:t|T|[ \\t]+)([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2}(\\.[0-9]+)?)(?:[ \\t]*(Z|[-+][012]?[0-9](?::[0-9]{2})?))?)?$"),
		resolve(str) {
			const match = str.match(timestamp.test);
			if (!match) throw new Error("!!timestamp expects a date, starting with yyyy-mm-dd");
			const [, year, month, day, hour, minute, second] = match.map(Number);
			const millisec = match[7] ? Number((match[7] + "00").substr(1, 3)) : 0;
			let date = Date.UTC(year, month - 1, day, hour || 0, minute || 0, second || 0, millisec);
			const tz = match[8];
			if (tz && tz !== "Z") {
				let d = parseSexagesimal(tz, false);
				if (Math.abs(d) < 30) d *= 60;
				date -= 6e4 * d;
			}
			return new Date(date);
		},
		stringify: ({ value }) => value?.toISOString().replace(/(T00:00:00)?\.000Z$/, "") ?? ""
	};
	exports.floatTime = floatTime;
	exports.intTime = intTime;
	exports.timestamp = timestamp;
}));
// node_modules/yaml/dist/schema/yaml-1.1/schema.js
var require_schema = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map();
	var _null = require_null();
	var seq = require_seq();
	var string = require_string();
	var binary = require_binary();
	var bool = require_bool();
	var float = require_float();
	var int = require_int();
	var merge = require_merge();
	var omap = require_omap();
	var pairs = require_pairs();
	var set = require_set();
	var timestamp = require_timestamp();
	exports.schema = [
		map.map,
		seq.seq,
		string.string,
		_null.nullTag,
		bool.trueTag,
		bool.falseTag,
		int.intBin,
		int.intOct,
		int.int,
		int.intHex,
		float.floatNaN,
		float.floatExp,
		float.float,
		binary.binary,
		merge.merge,
		omap.omap,
		pairs.pairs,
		set.set,
		timestamp.intTime,
		timestamp.floatTime,
		timestamp.timestamp
	];
}));
// node_modules/yaml/dist/schema/tags.js
var require_tags = /* @__PURE__ */ __commonJSMin(((exports) => {
	var map = require_map();
	var _null = require_null();
	var seq = require_seq();
	var string = require_string();
	var bool = require_bool$1();
	var float = require_float$1();
	var int = require_int$1();
	var schema = require_schema$2();
	var schema$1 = require_schema$1();
	var binary = require_binary();
	var merge = require_merge();
	var omap = require_omap();
	var pairs = require_pairs();
	var schema$2 = require_schema();
	var set = require_set();
	var timestamp = require_timestamp();
	const schemas = /* @__PURE__ */ new Map([
		["core", schema.schema],
		["failsafe", [
			map.map,
			seq.seq,
			string.string
		]],
		["json", schema$1.schema],
		["yaml11", schema$2.schema],
		["yaml-1.1", schema$2.schema]
	]);
	const tagsByName = {
		binary: binary.binary,
		bool: bool.boolTag,
		float: float.float,
		floatExp: float.floatExp,
		floatNaN: float.floatNaN,
		floatTime: timestamp.floatTime,
		int: int.int,
		intHex: int.intHex,
		intOct: int.intOct,
		intTime: timestamp.intTime,
		map: map.map,
		merge: merge.merge,
		null: _null.nullTag,
		omap: omap.omap,
		pairs: pairs.pairs,
		seq: seq.seq,
		set: set.set,
		timestamp: timestamp.timestamp
	};
	const coreKnownTags = {
		"tag:yaml.org,2002:binary": binary.binary,
		"tag:yaml.org,2002:merge": merge.merge,
		"tag:yaml.org,2002:omap": omap.omap,
		"tag:yaml.org,2002:pairs": pairs.pairs,
		"tag:yaml.org,2002:set": set.set,
		"tag:yaml.org,2002:timestamp": timestamp.timestamp
	};
	function getTags(customTags, schemaName, addMergeTag) {
		const schemaTags = schemas.get(schemaName);
		if (schemaTags && !customTags) return addMergeTag && !schemaTags.includes(merge.merge) ? schemaTags.concat(merge.merge) : schemaTags.slice();
		let tags = schemaTags;
		if (!tags) {
			if (Array.isArray(customTags)) tags = [];
			else {
				const keys = Array.from(schemas.keys()).filter((key) => key !== "yaml11").map((key) => JSON.stringify(key)).join(", ");
				throw new Error(`Unknown schema "${schemaName}"; use one of ${keys} or define customTags array`);
			}
		}
		if (Array.isArray(customTags)) for (const tag of customTags) tags = tags.concat(tag);
		else if (typeof customTags === "function") tags = customTags(tags.slice());
		if (addMergeTag) tags = tags.concat(merge.merge);
		return tags.reduce((tags, tag) => {
			const tagObj = typeof tag === "string" ? tagsByName[tag] : tag;
			if (!tagObj) {
				const tagName = JSON.stringify(tag);
				const keys = Object.keys(tagsByName).map((key) => JSON.stringify(key)).join(", ");
				throw new Error(`Unknown custom tag ${tagName}; use one of ${keys}`);
			}
			if (!tags.includes(tagObj)) tags.push(tagObj);
			return tags;
		}, []);
	}
	exports.coreKnownTags = coreKnownTags;
	exports.getTags = getTags;
}));
// node_modules/yaml/dist/schema/Schema.js
var require_Schema = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var map = require_map();
	var seq = require_seq();
	var string = require_string();
	var tags = require_tags();
	const sortMapEntriesByKey = (a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
	exports.Schema = class Schema {
		constructor({ compat, customTags, merge, resolveKnownTags, schema, sortMapEntries, toStringDefaults }) {
			this.compat = Array.isArray(compat) ? tags.getTags(compat, "compat") : compat ? tags.getTags(null, compat) : null;
			this.name = typeof schema === "string" && schema || "core";
			this.knownTags = resolveKnownTags ? tags.coreKnownTags : {};
			this.tags = tags.getTags(customTags, this.name, merge);
			this.toStringOptions = toStringDefaults ?? null;
			Object.defineProperty(this, identity.MAP, { value: map.map });
			Object.defineProperty(this, identity.SCALAR, { value: string.string });
			Object.defineProperty(this, identity.SEQ, { value: seq.seq });
			this.sortMapEntries = typeof sortMapEntries === "function" ? sortMapEntries : sortMapEntries === true ? sortMapEntriesByKey : null;
		}
		clone() {
			const copy = Object.create(Schema.prototype, Object.getOwnPropertyDescriptors(this));
			copy.tags = this.tags.slice();
			return copy;
		}
	};
}));
// node_modules/yaml/dist/stringify/stringifyDocument.js
var require_stringifyDocument = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var stringify = require_stringify();
	var stringifyComment = require_stringifyComment();
	function stringifyDocument(doc, options) {
		const lines = [];
		let hasDirectives = options.directives === true;
		if (options.directives !== false && doc.directives) {
			const dir = doc.directives.toString(doc);
			if (dir) {
				lines.push(dir);
				hasDirectives = true;
			} else if (doc.directives.docStart) hasDirectives = true;
		}
		if (hasDirectives) lines.push("---");
		const ctx = stringify.createStringifyContext(doc, options);
		const { commentString } = ctx.options;
		if (doc.commentBefore) {
			if (lines.length !== 1) lines.unshift("");
			const cs = commentString(doc.commentBefore);
			lines.unshift(stringifyComment.indentComment(cs, ""));
		}
		let chompKeep = false;
		let contentComment = null;
		if (doc.contents) {
			if (identity.isNode(doc.contents)) {
				if (doc.contents.spaceBefore && hasDirectives) lines.push("");
				if (doc.contents.commentBefore) {
					const cs = commentString(doc.contents.commentBefore);
					lines.push(stringifyComment.indentComment(cs, ""));
				}
				ctx.forceBlockIndent = !!doc.comment;
				contentComment = doc.contents.comment;
			}
			const onChompKeep = contentComment ? void 0 : () => chompKeep = true;
			let body = stringify.stringify(doc.contents, ctx, () => contentComment = null, onChompKeep);
			if (contentComment) body += stringifyComment.lineComment(body, "", commentString(contentComment));
			if ((body[0] === "|" || body[0] === ">") && lines[lines.length - 1] === "---") lines[lines.length - 1] = `--- ${body}`;
			else lines.push(body);
		} else lines.push(stringify.stringify(doc.contents, ctx));
		if (doc.directives?.docEnd) {
			if (doc.comment) {
				const cs = commentString(doc.comment);
				if (cs.includes("\n")) {
					lines.push("...");
					lines.push(stringifyComment.indentComment(cs, ""));
				} else lines.push(`... ${cs}`);
			} else lines.push("...");
		} else {
			let dc = doc.comment;
			if (dc && chompKeep) dc = dc.replace(/^\n+/, "");
			if (dc) {
				if ((!chompKeep || contentComment) && lines[lines.length - 1] !== "") lines.push("");
				lines.push(stringifyComment.indentComment(commentString(dc), ""));
			}
		}
		return lines.join("\n") + "\n";
	}
	exports.stringifyDocument = stringifyDocument;
}));
// node_modules/yaml/dist/doc/Document.js
var require_Document = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias();
	var Collection = require_Collection();
	var identity = require_identity();
	var Pair = require_Pair();
	var toJS = require_toJS();
	var Schema = require_Schema();
	var stringifyDocument = require_stringifyDocument();
	var anchors = require_anchors();
	var applyReviver = require_applyReviver();
	var createNode = require_createNode();
	var directives = require_directives();
	var Document = class Document {
		constructor(value, replacer, options) {
			/** A comment before this Document */
			this.commentBefore = null;
			/** A comment immediately after this Document */
			this.comment = null;
			/** Errors encountered during parsing. */
			this.errors = [];
			/** Warnings encountered during parsing. */
			this.warnings = [];
			Object.defineProperty(this, identity.NODE_TYPE, { value: identity.DOC });
			let _replacer = null;
			if (typeof replacer === "function" || Array.isArray(replacer)) _replacer = replacer;
			else if (options === void 0 && replacer) {
				options = replacer;
				replacer = void 0;
			}
			const opt = Object.assign({
				intAsBigInt: false,
				keepSourceTokens: false,
				logLevel: "warn",
				prettyErrors: true,
				strict: true,
				stringKeys: false,
				uniqueKeys: true,
				version: "1.2"
			}, options);
			this.options = opt;
			let { version } = opt;
			if (options?._directives) {
				this.directives = options._directives.atDocument();
				if (this.directives.yaml.explicit) version = this.directives.yaml.version;
			} else this.directives = new directives.Directives({ version });
			this.setSchema(version, options);
			this.contents = value === void 0 ? null : this.createNode(value, _replacer, options);
		}
		/**
		* Create a deep copy of this Document and its contents.
		*
		* Custom Node values that inherit from `Object` still refer to their original instances.
		*/
		clone() {
			const copy = Object.create(Document.prototype, { [identity.NODE_TYPE]: { value: identity.DOC } });
			copy.commentBefore = this.commentBefore;
			copy.comment = this.comment;
			copy.errors = this.errors.slice();
			copy.warnings = this.warnings.slice();
			copy.options = Object.assign({}, this.options);
			if (this.directives) copy.directives = this.directives.clone();
			copy.schema = this.schema.clone();
			copy.contents = identity.isNode(this.contents) ? this.contents.clone(copy.schema) : this.contents;
			if (this.range) copy.range = this.range.slice();
			return copy;
		}
		/** Adds a value to the document. */
		add(value) {
			if (assertCollection(this.contents)) this.contents.add(value);
		}
		/** Adds a value to the document. */
		addIn(path, value) {
			if (assertCollection(this.contents)) this.contents.addIn(path, value);
		}
		/**
		* Create a new `Alias` node, ensuring that the target `node` has the required anchor.
		*
		* If `node` already has an anchor, `name` is ignored.
		* Otherwise, the `node.anchor` value will be set to `name`,
		* or if an anchor with that name is already present in the document,
		* `name` will be used as a prefix for a new unique anchor.
		* If `name` is undefined, the generated anchor will use 'a' as a prefix.
		*/
		createAlias(node, name) {
			if (!node.anchor) {
				const prev = anchors.anchorNames(this);
				node.anchor = !name || prev.has(name) ? anchors.findNewAnchor(name || "a", prev) : name;
			}
			return new Alias.Alias(node.anchor);
		}
		createNode(value, replacer, options) {
			let _replacer = void 0;
			if (typeof replacer === "function") {
				value = replacer.call({ "": value }, "", value);
				_replacer = replacer;
			} else if (Array.isArray(replacer)) {
				const keyToStr = (v) => typeof v === "number" || v instanceof String || v instanceof Number;
				const asStr = replacer.filter(keyToStr).map(String);
				if (asStr.length > 0) replacer = replacer.concat(asStr);
				_replacer = replacer;
			} else if (options === void 0 && replacer) {
				options = replacer;
				replacer = void 0;
			}
			const { aliasDuplicateObjects, anchorPrefix, flow, keepUndefined, onTagObj, tag } = options ?? {};
			const { onAnchor, setAnchors, sourceObjects } = anchors.createNodeAnchors(this, anchorPrefix || "a");
			const ctx = {
				aliasDuplicateObjects: aliasDuplicateObjects ?? true,
				keepUndefined: keepUndefined ?? false,
				onAnchor,
				onTagObj,
				replacer: _replacer,
				schema: this.schema,
				sourceObjects
			};
			const node = createNode.createNode(value, tag, ctx);
			if (flow && identity.isCollection(node)) node.flow = true;
			setAnchors();
			return node;
		}
		/**
		* Convert a key and a value into a `Pair` using the current schema,
		* recursively wrapping all values as `Scalar` or `Collection` nodes.
		*/
		createPair(key, value, options = {}) {
			const k = this.createNode(key, null, options);
			const v = this.createNode(value, null, options);
			return new Pair.Pair(k, v);
		}
		/**
		* Removes a value from the document.
		* @returns `true` if the item was found and removed.
		*/
		delete(key) {
			return assertCollection(this.contents) ? this.contents.delete(key) : false;
		}
		/**
		* Removes a value from the document.
		* @returns `true` if the item was found and removed.
		*/
		deleteIn(path) {
			if (Collection.isEmptyPath(path)) {
				if (this.contents == null) return false;
				this.contents = null;
				return true;
			}
			return assertCollection(this.contents) ? this.contents.deleteIn(path) : false;
		}
		/**
		* Returns item at `key`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		get(key, keepScalar) {
			return identity.isCollection(this.contents) ? this.contents.get(key, keepScalar) : void 0;
		}
		/**
		* Returns item at `path`, or `undefined` if not found. By default unwraps
		* scalar values from their surrounding node; to disable set `keepScalar` to
		* `true` (collections are always returned intact).
		*/
		getIn(path, keepScalar) {
			if (Collection.isEmptyPath(path)) return !keepScalar && identity.isScalar(this.contents) ? this.contents.value : this.contents;
			return identity.isCollection(this.contents) ? this.contents.getIn(path, keepScalar) : void 0;
		}
		/**
		* Checks if the document includes a value with the key `key`.
		*/
		has(key) {
			return identity.isCollection(this.contents) ? this.contents.has(key) : false;
		}
		/**
		* Checks if the document includes a value at `path`.
		*/
		hasIn(path) {
			if (Collection.isEmptyPath(path)) return this.contents !== void 0;
			return identity.isCollection(this.contents) ? this.contents.hasIn(path) : false;
		}
		/**
		* Sets a value in this document. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		set(key, value) {
			if (this.contents == null) this.contents = Collection.collectionFromPath(this.schema, [key], value);
			else if (assertCollection(this.contents)) this.contents.set(key, value);
		}
		/**
		* Sets a value in this document. For `!!set`, `value` needs to be a
		* boolean to add/remove the item from the set.
		*/
		setIn(path, value) {
			if (Collection.isEmptyPath(path)) this.contents = value;
			else if (this.contents == null) this.contents = Collection.collectionFromPath(this.schema, Array.from(path), value);
			else if (assertCollection(this.contents)) this.contents.setIn(path, value);
		}
		/**
		* Change the YAML version and schema used by the document.
		* A `null` version disables support for directives, explicit tags, anchors, and aliases.
		* It also requires the `schema` option to be given as a `Schema` instance value.
		*
		* Overrides all previously set schema options.
		*/
		setSchema(version, options = {}) {
			if (typeof version === "number") version = String(version);
			let opt;
			switch (version) {
				case "1.1":
					if (this.directives) this.directives.yaml.version = "1.1";
					else this.directives = new directives.Directives({ version: "1.1" });
					opt = {
						resolveKnownTags: false,
						schema: "yaml-1.1"
					};
					break;
				case "1.2":
				case "next":
					if (this.directives) this.directives.yaml.version = version;
					else this.directives = new directives.Directives({ version });
					opt = {
						resolveKnownTags: true,
						schema: "core"
					};
					break;
				case null:
					if (this.directives) delete this.directives;
					opt = null;
					break;
				default: {
					const sv = JSON.stringify(version);
					throw new Error(`Expected '1.1', '1.2' or null as first argument, but found: ${sv}`);
				}
			}
			if (options.schema instanceof Object) this.schema = options.schema;
			else if (opt) this.schema = new Schema.Schema(Object.assign(opt, options));
			else throw new Error(`With a null YAML version, the { schema: Schema } option is required`);
		}
		toJS({ json, jsonArg, mapAsMap, maxAliasCount, onAnchor, reviver } = {}) {
			const ctx = {
				anchors: /* @__PURE__ */ new Map(),
				doc: this,
				keep: !json,
				mapAsMap: mapAsMap === true,
				mapKeyWarned: false,
				maxAliasCount: typeof maxAliasCount === "number" ? maxAliasCount : 100
			};
			const res = toJS.toJS(this.contents, jsonArg ?? "", ctx);
			if (typeof onAnchor === "function") for (const { count, res } of ctx.anchors.values()) onAnchor(res, count);
			return typeof reviver === "function" ? applyReviver.applyReviver(reviver, { "": res }, "", res) : res;
		}
		/**
		* A JSON representation of the document `contents`.
		*
		* @param jsonArg Used by `JSON.stringify` to indicate the array index or
		*   property name.
		*/
		toJSON(jsonArg, onAnchor) {
			return this.toJS({
				json: true,
				jsonArg,
				mapAsMap: false,
				onAnchor
			});
		}
		/** A YAML representation of the document. */
		toString(options = {}) {
			if (this.errors.length > 0) throw new Error("Document with errors cannot be stringified");
			if ("indent" in options && (!Number.isInteger(options.indent) || Number(options.indent) <= 0)) {
				const s = JSON.stringify(options.indent);
				throw new Error(`"indent" option must be a positive integer, not ${s}`);
			}
			return stringifyDocument.stringifyDocument(this, options);
		}
	};
	function assertCollection(contents) {
		if (identity.isCollection(contents)) return true;
		throw new Error("Expected a YAML collection as document contents");
	}
	exports.Document = Document;
}));
// node_modules/yaml/dist/errors.js
var require_errors = /* @__PURE__ */ __commonJSMin(((exports) => {
	var YAMLError = class extends Error {
		constructor(name, pos, code, message) {
			super();
			this.name = name;
			this.code = code;
			this.message = message;
			this.pos = pos;
		}
	};
	var YAMLParseError = class extends YAMLError {
		constructor(pos, code, message) {
			super("YAMLParseError", pos, code, message);
		}
	};
	var YAMLWarning = class extends YAMLError {
		constructor(pos, code, message) {
			super("YAMLWarning", pos, code, message);
		}
	};
	const prettifyError = (src, lc) => (error) => {
		if (error.pos[0] === -1) return;
		error.linePos = error.pos.map((pos) => lc.linePos(pos));
		const { line, col } = error.linePos[0];
		error.message += ` at line ${line}, column ${col}`;
		let ci = col - 1;
		let lineStr = src.substring(lc.lineStarts[line - 1], lc.lineStarts[line]).replace(/[\n\r]+$/, "");
		if (ci >= 60 && lineStr.length > 80) {
			const trimStart = Math.min(ci - 39, lineStr.length - 79);
			lineStr = "\u2026" + lineStr.substring(trimStart);
			ci -= trimStart - 1;
		}
		if (lineStr.length > 80) lineStr = lineStr.substring(0, 79) + "\u2026";
		if (line > 1 && /^ *$/.test(lineStr.substring(0, ci))) {
			let prev = src.substring(lc.lineStarts[line - 2], lc.lineStarts[line - 1]);
			if (prev.length > 80) prev = prev.substring(0, 79) + "\u2026\n";
			lineStr = prev + lineStr;
		}
		if (/[^ ]/.test(lineStr)) {
			let count = 1;
			const end = error.linePos[1];
			if (end?.line === line && end.col > col) count = Math.max(1, Math.min(end.col - col, 80 - ci));
			const pointer = " ".repeat(ci) + "^".repeat(count);
			error.message += `:\n\n${lineStr}\n${pointer}\n`;
		}
	};
	exports.YAMLError = YAMLError;
	exports.YAMLParseError = YAMLParseError;
	exports.YAMLWarning = YAMLWarning;
	exports.prettifyError = prettifyError;
}));
// node_modules/yaml/dist/compose/resolve-props.js
var require_resolve_props = /* @__PURE__ */ __commonJSMin(((exports) => {
	function resolveProps(tokens, { flow, indicator, next, offset, onError, parentIndent, startOnNewline }) {
		let spaceBefore = false;
		let atNewline = startOnNewline;
		let hasSpace = startOnNewline;
		let comment = "";
		let commentSep = "";
		let hasNewline = false;
		let reqSpace = false;
		let tab = null;
		let anchor = null;
		let tag = null;
		let newlineAfterProp = null;
		let comma = null;
		let found = null;
		let start = null;
		for (const token of tokens) {
			if (reqSpace) {
				if (token.type !== "space" && token.type !== "newline" && token.type !== "comma") onError(token.offset, "MISSING_CHAR", "Tags and anchors must be separated from the next token by white space");
				reqSpace = false;
			}
			if (tab) {
				if (atNewline && token.type !== "comment" && token.type !== "newline") onError(tab, "TAB_AS_INDENT", "Tabs are not allowed as indentation");
				tab = null;
			}
			switch (token.type) {
				case "space":
					if (!flow && (indicator !== "doc-start" || next?.type !== "flow-collection") && token.source.includes("	")) tab = token;
					hasSpace = true;
					break;
				case "comment": {
					if (!hasSpace) onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters");
					const cb = token.source.substring(1) || " ";
					if (!comment) comment = cb;
					else comment += commentSep + cb;
					commentSep = "";
					atNewline = false;
					break;
				}
				case "newline":
					if (atNewline) {
						if (comment) comment += token.source;
						else if (!found || indicator !== "seq-item-ind") spaceBefore = true;
					} else commentSep += token.source;
					atNewline = true;
					hasNewline = true;
					if (anchor || tag) newlineAfterProp = token;
					hasSpace = true;
					break;
				case "anchor":
					if (anchor) onError(token, "MULTIPLE_ANCHORS", "A node can have at most one anchor");
					if (token.source.endsWith(":")) onError(token.offset + token.source.length - 1, "BAD_ALIAS", "Anchor ending in : is ambiguous", true);
					anchor = token;
					start ?? (start = token.offset);
					atNewline = false;
					hasSpace = false;
					reqSpace = true;
					break;
				case "tag":
					if (tag) onError(token, "MULTIPLE_TAGS", "A node can have at most one tag");
					tag = token;
					start ?? (start = token.offset);
					atNewline = false;
					hasSpace = false;
					reqSpace = true;
					break;
				case indicator:
					if (anchor || tag) onError(token, "BAD_PROP_ORDER", `Anchors and tags must be after the ${token.source} indicator`);
					if (found) onError(token, "UNEXPECTED_TOKEN", `Unexpected ${token.source} in ${flow ?? "collection"}`);
					found = token;
					atNewline = indicator === "seq-item-ind" || indicator === "explicit-key-ind";
					hasSpace = false;
					break;
				case "comma": if (flow) {
					if (comma) onError(token, "UNEXPECTED_TOKEN", `Unexpected , in ${flow}`);
					comma = token;
					atNewline = false;
					hasSpace = false;
					break;
				}
				default:
					onError(token, "UNEXPECTED_TOKEN", `Unexpected ${token.type} token`);
					atNewline = false;
					hasSpace = false;
			}
		}
		const last = tokens[tokens.length - 1];
		const end = last ? last.offset + last.source.length : offset;
		if (reqSpace && next && next.type !== "space" && next.type !== "newline" && next.type !== "comma" && (next.type !== "scalar" || next.source !== "")) onError(next.offset, "MISSING_CHAR", "Tags and anchors must be separated from the next token by white space");
		if (tab && (atNewline && tab.indent <= parentIndent || next?.type === "block-map" || next?.type === "block-seq")) onError(tab, "TAB_AS_INDENT", "Tabs are not allowed as indentation");
		return {
			comma,
			found,
			spaceBefore,
			comment,
			hasNewline,
			anchor,
			tag,
			newlineAfterProp,
			end,
			start: start ?? end
		};
	}
	exports.resolveProps = resolveProps;
}));
// node_modules/yaml/dist/compose/util-contains-newline.js
var require_util_contains_newline = /* @__PURE__ */ __commonJSMin(((exports) => {
	function containsNewline(key) {
		if (!key) return null;
		switch (key.type) {
			case "alias":
			case "scalar":
			case "double-quoted-scalar":
			case "single-quoted-scalar":
				if (key.source.includes("\n")) return true;
				if (key.end) {
					for (const st of key.end) if (st.type === "newline") return true;
				}
				return false;
			case "flow-collection":
				for (const it of key.items) {
					for (const st of it.start) if (st.type === "newline") return true;
					if (it.sep) {
						for (const st of it.sep) if (st.type === "newline") return true;
					}
					if (containsNewline(it.key) || containsNewline(it.value)) return true;
				}
				return false;
			default: return true;
		}
	}
	exports.containsNewline = containsNewline;
}));
// node_modules/yaml/dist/compose/util-flow-indent-check.js
var require_util_flow_indent_check = /* @__PURE__ */ __commonJSMin(((exports) => {
	var utilContainsNewline = require_util_contains_newline();
	function flowIndentCheck(indent, fc, onError) {
		if (fc?.type === "flow-collection") {
			const end = fc.end[0];
			if (end.indent === indent && (end.source === "]" || end.source === "}") && utilContainsNewline.containsNewline(fc)) onError(end, "BAD_INDENT", "Flow end indicator should be more indented than parent", true);
		}
	}
	exports.flowIndentCheck = flowIndentCheck;
}));
// node_modules/yaml/dist/compose/util-map-includes.js
var require_util_map_includes = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	function mapIncludes(ctx, items, search) {
		const { uniqueKeys } = ctx.options;
		if (uniqueKeys === false) return false;
		const isEqual = typeof uniqueKeys === "function" ? uniqueKeys : (a, b) => a === b || identity.isScalar(a) && identity.isScalar(b) && a.value === b.value;
		return items.some((pair) => isEqual(pair.key, search));
	}
	exports.mapIncludes = mapIncludes;
}));
// node_modules/yaml/dist/compose/resolve-block-map.js
var require_resolve_block_map = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Pair = require_Pair();
	var YAMLMap = require_YAMLMap();
	var resolveProps = require_resolve_props();
	var utilContainsNewline = require_util_contains_newline();
	var utilFlowIndentCheck = require_util_flow_indent_check();
	var utilMapIncludes = require_util_map_includes();
	const startColMsg = "All mapping items must start at the same column";
	function resolveBlockMap({ composeNode, composeEmptyNode }, ctx, bm, onError, tag) {
		const map = new ((tag?.nodeClass) ?? YAMLMap.YAMLMap)(ctx.schema);
		if (ctx.atRoot) ctx.atRoot = false;
		let offset = bm.offset;
		let commentEnd = null;
		for (const collItem of bm.items) {
			const { start, key, sep, value } = collItem;
			const keyProps = resolveProps.resolveProps(start, {
				indicator: "explicit-key-ind",
				next: key ?? sep?.[0],
				offset,
				onError,
				parentIndent: bm.indent,
				startOnNewline: true
			});
			const implicitKey = !keyProps.found;
			if (implicitKey) {
				if (key) {
					if (key.type === "block-seq") onError(offset, "BLOCK_AS_IMPLICIT_KEY", "A block sequence may not be used as an implicit map key");
					else if ("indent" in key && key.indent !== bm.indent) onError(offset, "BAD_INDENT", startColMsg);
				}
				if (!keyProps.anchor && !keyProps.tag && !sep) {
					commentEnd = keyProps.end;
					if (keyProps.comment) {
						if (map.comment) map.comment += "\n" + keyProps.comment;
						else map.comment = keyProps.comment;
					}
					continue;
				}
				if (keyProps.newlineAfterProp || utilContainsNewline.containsNewline(key)) onError(key ?? start[start.length - 1], "MULTILINE_IMPLICIT_KEY", "Implicit keys need to be on a single line");
			} else if (keyProps.found?.indent !== bm.indent) onError(offset, "BAD_INDENT", startColMsg);
			ctx.atKey = true;
			const keyStart = keyProps.end;
			const keyNode = key ? composeNode(ctx, key, keyProps, onError) : composeEmptyNode(ctx, keyStart, start, null, keyProps, onError);
			if (ctx.schema.compat) utilFlowIndentCheck.flowIndentCheck(bm.indent, key, onError);
			ctx.atKey = false;
			if (utilMapIncludes.mapIncludes(ctx, map.items, keyNode)) onError(keyStart, "DUPLICATE_KEY", "Map keys must be unique");
			const valueProps = resolveProps.resolveProps(sep ?? [], {
				indicator: "map-value-ind",
				next: value,
				offset: keyNode.range[2],
				onError,
				parentIndent: bm.indent,
				startOnNewline: !key || key.type === "block-scalar"
			});
			offset = valueProps.end;
			if (valueProps.found) {
				if (implicitKey) {
					if (value?.type === "block-map" && !valueProps.hasNewline) onError(offset, "BLOCK_AS_IMPLICIT_KEY", "Nested mappings are not allowed in compact mappings");
					if (ctx.options.strict && keyProps.start < valueProps.found.offset - 1024) onError(keyNode.range, "KEY_OVER_1024_CHARS", "The : indicator must be at most 1024 chars after the start of an implicit block mapping key");
				}
				const valueNode = value ? composeNode(ctx, value, valueProps, onError) : composeEmptyNode(ctx, offset, sep, null, valueProps, onError);
				if (ctx.schema.compat) utilFlowIndentCheck.flowIndentCheck(bm.indent, value, onError);
				offset = valueNode.range[2];
				const pair = new Pair.Pair(keyNode, valueNode);
				if (ctx.options.keepSourceTokens) pair.srcToken = collItem;
				map.items.push(pair);
			} else {
				if (implicitKey) onError(keyNode.range, "MISSING_CHAR", "Implicit map keys need to be followed by map values");
				if (valueProps.comment) {
					if (keyNode.comment) keyNode.comment += "\n" + valueProps.comment;
					else keyNode.comment = valueProps.comment;
				}
				const pair = new Pair.Pair(keyNode);
				if (ctx.options.keepSourceTokens) pair.srcToken = collItem;
				map.items.push(pair);
			}
		}
		if (commentEnd && commentEnd < offset) onError(commentEnd, "IMPOSSIBLE", "Map comment with trailing content");
		map.range = [
			bm.offset,
			offset,
			commentEnd ?? offset
		];
		return map;
	}
	exports.resolveBlockMap = resolveBlockMap;
}));
// node_modules/yaml/dist/compose/resolve-block-seq.js
var require_resolve_block_seq = /* @__PURE__ */ __commonJSMin(((exports) => {
	var YAMLSeq = require_YAMLSeq();
	var resolveProps = require_resolve_props();
	var utilFlowIndentCheck = require_util_flow_indent_check();
	function resolveBlockSeq({ composeNode, composeEmptyNode }, ctx, bs, onError, tag) {
		const seq = new ((tag?.nodeClass) ?? YAMLSeq.YAMLSeq)(ctx.schema);
		if (ctx.atRoot) ctx.atRoot = false;
		if (ctx.atKey) ctx.atKey = false;
		let offset = bs.offset;
		let commentEnd = null;
		for (const { start, value } of bs.items) {
			const props = resolveProps.resolveProps(start, {
				indicator: "seq-item-ind",
				next: value,
				offset,
				onError,
				parentIndent: bs.indent,
				startOnNewline: true
			});
			if (!props.found) {
				if (props.anchor || props.tag || value) {
					if (value?.type === "block-seq") onError(props.end, "BAD_INDENT", "All sequence items must start at the same column");
					else onError(offset, "MISSING_CHAR", "Sequence item without - indicator");
				} else {
					commentEnd = props.end;
					if (props.comment) seq.comment = props.comment;
					continue;
				}
			}
			const node = value ? composeNode(ctx, value, props, onError) : composeEmptyNode(ctx, props.end, start, null, props, onError);
			if (ctx.schema.compat) utilFlowIndentCheck.flowIndentCheck(bs.indent, value, onError);
			offset = node.range[2];
			seq.items.push(node);
		}
		seq.range = [
			bs.offset,
			offset,
			commentEnd ?? offset
		];
		return seq;
	}
	exports.resolveBlockSeq = resolveBlockSeq;
}));
// node_modules/yaml/dist/compose/resolve-end.js
var require_resolve_end = /* @__PURE__ */ __commonJSMin(((exports) => {
	function resolveEnd(end, offset, reqSpace, onError) {
		let comment = "";
		if (end) {
			let hasSpace = false;
			let sep = "";
			for (const token of end) {
				const { source, type } = token;
				switch (type) {
					case "space":
						hasSpace = true;
						break;
					case "comment": {
						if (reqSpace && !hasSpace) onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters");
						const cb = source.substring(1) || " ";
						if (!comment) comment = cb;
						else comment += sep + cb;
						sep = "";
						break;
					}
					case "newline":
						if (comment) sep += source;
						hasSpace = true;
						break;
					default: onError(token, "UNEXPECTED_TOKEN", `Unexpected ${type} at node end`);
				}
				offset += source.length;
			}
		}
		return {
			comment,
			offset
		};
	}
	exports.resolveEnd = resolveEnd;
}));
// node_modules/yaml/dist/compose/resolve-flow-collection.js
var require_resolve_flow_collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Pair = require_Pair();
	var YAMLMap = require_YAMLMap();
	var YAMLSeq = require_YAMLSeq();
	var resolveEnd = require_resolve_end();
	var resolveProps = require_resolve_props();
	var utilContainsNewline = require_util_contains_newline();
	var utilMapIncludes = require_util_map_includes();
	const blockMsg = "Block collections are not allowed within flow collections";
	const isBlock = (token) => token && (token.type === "block-map" || token.type === "block-seq");
	function resolveFlowCollection({ composeNode, composeEmptyNode }, ctx, fc, onError, tag) {
		const isMap = fc.start.source === "{";
		const fcName = isMap ? "flow map" : "flow sequence";
		const coll = new ((tag?.nodeClass) ?? (isMap ? YAMLMap.YAMLMap : YAMLSeq.YAMLSeq))(ctx.schema);
		coll.flow = true;
		const atRoot = ctx.atRoot;
		if (atRoot) ctx.atRoot = false;
		if (ctx.atKey) ctx.atKey = false;
		let offset = fc.offset + fc.start.source.length;
		for (let i = 0; i < fc.items.length; ++i) {
			const collItem = fc.items[i];
			const { start, key, sep, value } = collItem;
			const props = resolveProps.resolveProps(start, {
				flow: fcName,
				indicator: "explicit-key-ind",
				next: key ?? sep?.[0],
				offset,
				onError,
				parentIndent: fc.indent,
				startOnNewline: false
			});
			if (!props.found) {
				if (!props.anchor && !props.tag && !sep && !value) {
					if (i === 0 && props.comma) onError(props.comma, "UNEXPECTED_TOKEN", `Unexpected , in ${fcName}`);
					else if (i < fc.items.length - 1) onError(props.start, "UNEXPECTED_TOKEN", `Unexpected empty item in ${fcName}`);
					if (props.comment) {
						if (coll.comment) coll.comment += "\n" + props.comment;
						else coll.comment = props.comment;
					}
					offset = props.end;
					continue;
				}
				if (!isMap && ctx.options.strict && utilContainsNewline.containsNewline(key)) onError(key, "MULTILINE_IMPLICIT_KEY", "Implicit keys of flow sequence pairs need to be on a single line");
			}
			if (i === 0) {
				if (props.comma) onError(props.comma, "UNEXPECTED_TOKEN", `Unexpected , in ${fcName}`);
			} else {
				if (!props.comma) onError(props.start, "MISSING_CHAR", `Missing , between ${fcName} items`);
				if (props.comment) {
					let prevItemComment = "";
					loop: for (const st of start) switch (st.type) {
						case "comma":
						case "space": break;
						case "comment":
							prevItemComment = st.source.substring(1);
							break loop;
						default: break loop;
					}
					if (prevItemComment) {
						let prev = coll.items[coll.items.length - 1];
						if (identity.isPair(prev)) prev = prev.value ?? prev.key;
						if (prev.comment) prev.comment += "\n" + prevItemComment;
						else prev.comment = prevItemComment;
						props.comment = props.comment.substring(prevItemComment.length + 1);
					}
				}
			}
			if (!isMap && !sep && !props.found) {
				const valueNode = value ? composeNode(ctx, value, props, onError) : composeEmptyNode(ctx, props.end, sep, null, props, onError);
				coll.items.push(valueNode);
				offset = valueNode.range[2];
				if (isBlock(value)) onError(valueNode.range, "BLOCK_IN_FLOW", blockMsg);
			} else {
				ctx.atKey = true;
				const keyStart = props.end;
				const keyNode = key ? composeNode(ctx, key, props, onError) : composeEmptyNode(ctx, keyStart, start, null, props, onError);
				if (isBlock(key)) onError(keyNode.range, "BLOCK_IN_FLOW", blockMsg);
				ctx.atKey = false;
				const valueProps = resolveProps.resolveProps(sep ?? [], {
					flow: fcName,
					indicator: "map-value-ind",
					next: value,
					offset: keyNode.range[2],
					onError,
					parentIndent: fc.indent,
					startOnNewline: false
				});
				if (valueProps.found) {
					if (!isMap && !props.found && ctx.options.strict) {
						if (sep) for (const st of sep) {
							if (st === valueProps.found) break;
							if (st.type === "newline") {
								onError(st, "MULTILINE_IMPLICIT_KEY", "Implicit keys of flow sequence pairs need to be on a single line");
								break;
							}
						}
						if (props.start < valueProps.found.offset - 1024) onError(valueProps.found, "KEY_OVER_1024_CHARS", "The : indicator must be at most 1024 chars after the start of an implicit flow sequence key");
					}
				} else if (value) {
					if ("source" in value && value.source?.[0] === ":") onError(value, "MISSING_CHAR", `Missing space after : in ${fcName}`);
					else onError(valueProps.start, "MISSING_CHAR", `Missing , or : between ${fcName} items`);
				}
				const valueNode = value ? composeNode(ctx, value, valueProps, onError) : valueProps.found ? composeEmptyNode(ctx, valueProps.end, sep, null, valueProps, onError) : null;
				if (valueNode) {
					if (isBlock(value)) onError(valueNode.range, "BLOCK_IN_FLOW", blockMsg);
				} else if (valueProps.comment) {
					if (keyNode.comment) keyNode.comment += "\n" + valueProps.comment;
					else keyNode.comment = valueProps.comment;
				}
				const pair = new Pair.Pair(keyNode, valueNode);
				if (ctx.options.keepSourceTokens) pair.srcToken = collItem;
				if (isMap) {
					const map = coll;
					if (utilMapIncludes.mapIncludes(ctx, map.items, keyNode)) onError(keyStart, "DUPLICATE_KEY", "Map keys must be unique");
					map.items.push(pair);
				} else {
					const map = new YAMLMap.YAMLMap(ctx.schema);
					map.flow = true;
					map.items.push(pair);
					const endRange = (valueNode ?? keyNode).range;
					map.range = [
						keyNode.range[0],
						endRange[1],
						endRange[2]
					];
					coll.items.push(map);
				}
				offset = valueNode ? valueNode.range[2] : valueProps.end;
			}
		}
		const expectedEnd = isMap ? "}" : "]";
		const [ce, ...ee] = fc.end;
		let cePos = offset;
		if (ce?.source === expectedEnd) cePos = ce.offset + ce.source.length;
		else {
			const name = fcName[0].toUpperCase() + fcName.substring(1);
			const msg = atRoot ? `${name} must end with a ${expectedEnd}` : `${name} in block collection must be sufficiently indented and end with a ${expectedEnd}`;
			onError(offset, atRoot ? "MISSING_CHAR" : "BAD_INDENT", msg);
			if (ce && ce.source.length !== 1) ee.unshift(ce);
		}
		if (ee.length > 0) {
			const end = resolveEnd.resolveEnd(ee, cePos, ctx.options.strict, onError);
			if (end.comment) {
				if (coll.comment) coll.comment += "\n" + end.comment;
				else coll.comment = end.comment;
			}
			coll.range = [
				fc.offset,
				cePos,
				end.offset
			];
		} else coll.range = [
			fc.offset,
			cePos,
			cePos
		];
		return coll;
	}
	exports.resolveFlowCollection = resolveFlowCollection;
}));
// node_modules/yaml/dist/compose/compose-collection.js
var require_compose_collection = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Scalar = require_Scalar();
	var YAMLMap = require_YAMLMap();
	var YAMLSeq = require_YAMLSeq();
	var resolveBlockMap = require_resolve_block_map();
	var resolveBlockSeq = require_resolve_block_seq();
	var resolveFlowCollection = require_resolve_flow_collection();
	function resolveCollection(CN, ctx, token, onError, tagName, tag) {
		const coll = token.type === "block-map" ? resolveBlockMap.resolveBlockMap(CN, ctx, token, onError, tag) : token.type === "block-seq" ? resolveBlockSeq.resolveBlockSeq(CN, ctx, token, onError, tag) : resolveFlowCollection.resolveFlowCollection(CN, ctx, token, onError, tag);
		const Coll = coll.constructor;
		if (tagName === "!" || tagName === Coll.tagName) {
			coll.tag = Coll.tagName;
			return coll;
		}
		if (tagName) coll.tag = tagName;
		return coll;
	}
	function composeCollection(CN, ctx, token, props, onError) {
		const tagToken = props.tag;
		const tagName = !tagToken ? null : ctx.directives.tagName(tagToken.source, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg));
		if (token.type === "block-seq") {
			const { anchor, newlineAfterProp: nl } = props;
			const lastProp = anchor && tagToken ? anchor.offset > tagToken.offset ? anchor : tagToken : anchor ?? tagToken;
			if (lastProp && (!nl || nl.offset < lastProp.offset)) onError(lastProp, "MISSING_CHAR", "Missing newline after block sequence props");
		}
		const expType = token.type === "block-map" ? "map" : token.type === "block-seq" ? "seq" : token.start.source === "{" ? "map" : "seq";
		if (!tagToken || !tagName || tagName === "!" || tagName === YAMLMap.YAMLMap.tagName && expType === "map" || tagName === YAMLSeq.YAMLSeq.tagName && expType === "seq") return resolveCollection(CN, ctx, token, onError, tagName);
		let tag = ctx.schema.tags.find((t) => t.tag === tagName && t.collection === expType);
		if (!tag) {
			const kt = ctx.schema.knownTags[tagName];
			if (kt?.collection === expType) {
				ctx.schema.tags.push(Object.assign({}, kt, { default: false }));
				tag = kt;
			} else {
				if (kt) onError(tagToken, "BAD_COLLECTION_TYPE", `${kt.tag} used for ${expType} collection, but expects ${kt.collection ?? "scalar"}`, true);
				else onError(tagToken, "TAG_RESOLVE_FAILED", `Unresolved tag: ${tagName}`, true);
				return resolveCollection(CN, ctx, token, onError, tagName);
			}
		}
		const coll = resolveCollection(CN, ctx, token, onError, tagName, tag);
		const res = tag.resolve?.(coll, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg), ctx.options) ?? coll;
		const node = identity.isNode(res) ? res : new Scalar.Scalar(res);
		node.range = coll.range;
		node.tag = tagName;
		if (tag?.format) node.format = tag.format;
		return node;
	}
	exports.composeCollection = composeCollection;
}));
// node_modules/yaml/dist/compose/resolve-block-scalar.js
var require_resolve_block_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	function resolveBlockScalar(ctx, scalar, onError) {
		const start = scalar.offset;
		const header = parseBlockScalarHeader(scalar, ctx.options.strict, onError);
		if (!header) return {
			value: "",
			type: null,
			comment: "",
			range: [
				start,
				start,
				start
			]
		};
		const type = header.mode === ">" ? Scalar.Scalar.BLOCK_FOLDED : Scalar.Scalar.BLOCK_LITERAL;
		const lines = scalar.source ? splitLines(scalar.source) : [];
		let chompStart = lines.length;
		for (let i = lines.length - 1; i >= 0; --i) {
			const content = lines[i][1];
			if (content === "" || content === "\r") chompStart = i;
			else break;
		}
		if (chompStart === 0) {
			const value = header.chomp === "+" && lines.length > 0 ? "\n".repeat(Math.max(1, lines.length - 1)) : "";
			let end = start + header.length;
			if (scalar.source) end += scalar.source.length;
			return {
				value,
				type,
				comment: header.comment,
				range: [
					start,
					end,
					end
				]
			};
		}
		let trimIndent = scalar.indent + header.indent;
		let offset = scalar.offset + header.length;
		let contentStart = 0;
		for (let i = 0; i < chompStart; ++i) {
			const [indent, content] = lines[i];
			if (content === "" || content === "\r") {
				if (header.indent === 0 && indent.length > trimIndent) trimIndent = indent.length;
			} else {
				if (indent.length < trimIndent) onError(offset + indent.length, "MISSING_CHAR", "Block scalars with more-indented leading empty lines must use an explicit indentation indicator");
				if (header.indent === 0) trimIndent = indent.length;
				contentStart = i;
				if (trimIndent === 0 && !ctx.atRoot) onError(offset, "BAD_INDENT", "Block scalar values in collections must be indented");
				break;
			}
			offset += indent.length + content.length + 1;
		}
		for (let i = lines.length - 1; i >= chompStart; --i) if (lines[i][0].length > trimIndent) chompStart = i + 1;
		let value = "";
		let sep = "";
		let prevMoreIndented = false;
		for (let i = 0; i < contentStart; ++i) value += lines[i][0].slice(trimIndent) + "\n";
		for (let i = contentStart; i < chompStart; ++i) {
			let [indent, content] = lines[i];
			offset += indent.length + content.length + 1;
			const crlf = content[content.length - 1] === "\r";
			if (crlf) content = content.slice(0, -1);
			/* istanbul ignore if already caught in lexer */
			if (content && indent.length < trimIndent) {
				const message = `Block scalar lines must not be less indented than their ${header.indent ? "explicit indentation indicator" : "first line"}`;
				onError(offset - content.length - (crlf ? 2 : 1), "BAD_INDENT", message);
				indent = "";
			}
			if (type === Scalar.Scalar.BLOCK_LITERAL) {
				value += sep + indent.slice(trimIndent) + content;
				sep = "\n";
			} else if (indent.length > trimIndent || content[0] === "	") {
				if (sep === " ") sep = "\n";
				else if (!prevMoreIndented && sep === "\n") sep = "\n\n";
				value += sep + indent.slice(trimIndent) + content;
				sep = "\n";
				prevMoreIndented = true;
			} else if (content === "") {
				if (sep === "\n") value += "\n";
				else sep = "\n";
			} else {
				value += sep + content;
				sep = " ";
				prevMoreIndented = false;
			}
		}
		switch (header.chomp) {
			case "-": break;
			case "+":
				for (let i = chompStart; i < lines.length; ++i) value += "\n" + lines[i][0].slice(trimIndent);
				if (value[value.length - 1] !== "\n") value += "\n";
				break;
			default: value += "\n";
		}
		const end = start + header.length + scalar.source.length;
		return {
			value,
			type,
			comment: header.comment,
			range: [
				start,
				end,
				end
			]
		};
	}
	function parseBlockScalarHeader({ offset, props }, strict, onError) {
		/* istanbul ignore if should not happen */
		if (props[0].type !== "block-scalar-header") {
			onError(props[0], "IMPOSSIBLE", "Block scalar header not found");
			return null;
		}
		const { source } = props[0];
		const mode = source[0];
		let indent = 0;
		let chomp = "";
		let error = -1;
		for (let i = 1; i < source.length; ++i) {
			const ch = source[i];
			if (!chomp && (ch === "-" || ch === "+")) chomp = ch;
			else {
				const n = Number(ch);
				if (!indent && n) indent = n;
				else if (error === -1) error = offset + i;
			}
		}
		if (error !== -1) onError(error, "UNEXPECTED_TOKEN", `Block scalar header includes extra characters: ${source}`);
		let hasSpace = false;
		let comment = "";
		let length = source.length;
		for (let i = 1; i < props.length; ++i) {
			const token = props[i];
			switch (token.type) {
				case "space": hasSpace = true;
				case "newline":
					length += token.source.length;
					break;
				case "comment":
					if (strict && !hasSpace) onError(token, "MISSING_CHAR", "Comments must be separated from other tokens by white space characters");
					length += token.source.length;
					comment = token.source.substring(1);
					break;
				case "error":
					onError(token, "UNEXPECTED_TOKEN", token.message);
					length += token.source.length;
					break;
				/* istanbul ignore next should not happen */
				default: {
					onError(token, "UNEXPECTED_TOKEN", `Unexpected token in block scalar header: ${token.type}`);
					const ts = token.source;
					if (ts && typeof ts === "string") length += ts.length;
				}
			}
		}
		return {
			mode,
			indent,
			chomp,
			comment,
			length
		};
	}
	/** @returns Array of lines split up as `[indent, content]` */
	function splitLines(source) {
		const split = source.split(/\n( *)/);
		const first = split[0];
		const m = first.match(/^( *)/);
		const lines = [m?.[1] ? [m[1], first.slice(m[1].length)] : ["", first]];
		for (let i = 1; i < split.length; i += 2) lines.push([split[i], split[i + 1]]);
		return lines;
	}
	exports.resolveBlockScalar = resolveBlockScalar;
}));
// node_modules/yaml/dist/compose/resolve-flow-scalar.js
var require_resolve_flow_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Scalar = require_Scalar();
	var resolveEnd = require_resolve_end();
	function resolveFlowScalar(scalar, strict, onError) {
		const { offset, type, source, end } = scalar;
		let _type;
		let value;
		const _onError = (rel, code, msg) => onError(offset + rel, code, msg);
		switch (type) {
			case "scalar":
				_type = Scalar.Scalar.PLAIN;
				value = plainValue(source, _onError);
				break;
			case "single-quoted-scalar":
				_type = Scalar.Scalar.QUOTE_SINGLE;
				value = singleQuotedValue(source, _onError);
				break;
			case "double-quoted-scalar":
				_type = Scalar.Scalar.QUOTE_DOUBLE;
				value = doubleQuotedValue(source, _onError);
				break;
			/* istanbul ignore next should not happen */
			default:
				onError(scalar, "UNEXPECTED_TOKEN", `Expected a flow scalar value, but found: ${type}`);
				return {
					value: "",
					type: null,
					comment: "",
					range: [
						offset,
						offset + source.length,
						offset + source.length
					]
				};
		}
		const valueEnd = offset + source.length;
		const re = resolveEnd.resolveEnd(end, valueEnd, strict, onError);
		return {
			value,
			type: _type,
			comment: re.comment,
			range: [
				offset,
				valueEnd,
				re.offset
			]
		};
	}
	function plainValue(source, onError) {
		let badChar = "";
		switch (source[0]) {
			/* istanbul ignore next should not happen */
			case "	":
				badChar = "a tab character";
				break;
			case ",":
				badChar = "flow indicator character ,";
				break;
			case "%":
				badChar = "directive indicator character %";
				break;
			case "|":
			case ">":
				badChar = `block scalar indicator ${source[0]}`;
				break;
			case "@":
			case "`": badChar = `reserved character ${source[0]}`;
		}
		if (badChar) onError(0, "BAD_SCALAR_START", `Plain value cannot start with ${badChar}`);
		return unfoldLines(source);
	}
	function singleQuotedValue(source, onError) {
		if (source[source.length - 1] !== "'" || source.length === 1) onError(source.length, "MISSING_CHAR", "Missing closing 'quote");
		return unfoldLines(source.slice(1, -1)).replace(/''/g, "'");
	}
	function unfoldLines(source) {
		const line = /(.*?)\r?\n/sy;
		let match = line.exec(source);
		if (!match) return source;
		/**
		* The negative lookbehinds in these RegExps are to
		* prevent causing a polynomial search time in certain cases.
		*
		* The try-catch is for Safari < 16.4 and other old browsers:
		* https://caniuse.com/js-regexp-lookbehind
		*/
		let trimEnd, trimBoth;
		try {
			trimEnd = new RegExp("(?<![ 	])[ 	]+$");
			trimBoth = new RegExp("^[ 	]+|(?<![ 	])[ 	]+$", "g");
		} catch {
			trimEnd = /[ \t]+$/;
			trimBoth = /^[ \t]+|[ \t]+$/g;
		}
		let res = match[1].replace(trimEnd, "");
		let sep = " ";
		let pos = line.lastIndex;
		while (match = line.exec(source)) {
			const lm = match[1].replace(trimBoth, "");
			if (lm === "") {
				if (sep === "\n") res += sep;
				else sep = "\n";
			} else {
				res += sep + lm;
				sep = " ";
			}
			pos = line.lastIndex;
		}
		const last = /[ \t]*(.*)/sy;
		last.lastIndex = pos;
		match = last.exec(source);
		return res + sep + (match?.[1] ?? "");
	}
	function doubleQuotedValue(source, onError) {
		let res = "";
		for (let i = 1; i < source.length - 1; ++i) {
			const ch = source[i];
			if (ch === "\r" && source[i + 1] === "\n") continue;
			if (ch === "\n") {
				const { fold, offset } = foldNewline(source, i);
				res += fold;
				i = offset;
			} else if (ch === "\\") {
				let next = source[++i];
				const cc = escapeCodes[next];
				if (cc) res += cc;
				else if (next === "\n") {
					next = source[i + 1];
					while (next === " " || next === "	") next = source[++i + 1];
				} else if (next === "\r" && source[i + 1] === "\n") {
					next = source[++i + 1];
					while (next === " " || next === "	") next = source[++i + 1];
				} else if (next === "x" || next === "u" || next === "U") {
					const length = next === "x" ? 2 : next === "u" ? 4 : 8;
					res += parseCharCode(source, i + 1, length, onError);
					i += length;
				} else {
					const raw = source.substr(i - 1, 2);
					onError(i - 1, "BAD_DQ_ESCAPE", `Invalid escape sequence ${raw}`);
					res += raw;
				}
			} else if (ch === " " || ch === "	") {
				const wsStart = i;
				let next = source[i + 1];
				while (next === " " || next === "	") next = source[++i + 1];
				if (next !== "\n" && !(next === "\r" && source[i + 2] === "\n")) res += i > wsStart ? source.slice(wsStart, i + 1) : ch;
			} else res += ch;
		}
		if (source[source.length - 1] !== "\"" || source.length === 1) onError(source.length, "MISSING_CHAR", "Missing closing \"quote");
		return res;
	}
	/**
	* Fold a single newline into a space, multiple newlines to N - 1 newlines.
	* Presumes `source[offset] === '\n'`
	*/
	function foldNewline(source, offset) {
		let fold = "";
		let ch = source[offset + 1];
		while (ch === " " || ch === "	" || ch === "\n" || ch === "\r") {
			if (ch === "\r" && source[offset + 2] !== "\n") break;
			if (ch === "\n") fold += "\n";
			offset += 1;
			ch = source[offset + 1];
		}
		if (!fold) fold = " ";
		return {
			fold,
			offset
		};
	}
	const escapeCodes = {
		"0": "\0",
		a: "\x07",
		b: "\b",
		e: "\x1B",
		f: "\f",
		n: "\n",
		r: "\r",
		t: "	",
		v: "\v",
		N: "\u0085",
		_: "\xA0",
		L: "\u2028",
		P: "\u2029",
		" ": " ",
		"\"": "\"",
		"/": "/",
		"\\": "\\",
		"	": "	"
	};
	function parseCharCode(source, offset, length, onError) {
		const cc = source.substr(offset, length);
		const code = cc.length === length && /^[0-9a-fA-F]+$/.test(cc) ? parseInt(cc, 16) : NaN;
		try {
			return String.fromCodePoint(code);
		} catch {
			const raw = source.substr(offset - 2, length + 2);
			onError(offset - 2, "BAD_DQ_ESCAPE", `Invalid escape sequence ${raw}`);
			return raw;
		}
	}
	exports.resolveFlowScalar = resolveFlowScalar;
}));
// node_modules/yaml/dist/compose/compose-scalar.js
var require_compose_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var identity = require_identity();
	var Scalar = require_Scalar();
	var resolveBlockScalar = require_resolve_block_scalar();
	var resolveFlowScalar = require_resolve_flow_scalar();
	function composeScalar(ctx, token, tagToken, onError) {
		const { value, type, comment, range } = token.type === "block-scalar" ? resolveBlockScalar.resolveBlockScalar(ctx, token, onError) : resolveFlowScalar.resolveFlowScalar(token, ctx.options.strict, onError);
		const tagName = tagToken ? ctx.directives.tagName(tagToken.source, (msg) => onError(tagToken, "TAG_RESOLVE_FAILED", msg)) : null;
		let tag;
		if (ctx.options.stringKeys && ctx.atKey) tag = ctx.schema[identity.SCALAR];
		else if (tagName) tag = findScalarTagByName(ctx.schema, value, tagName, tagToken, onError);
		else if (token.type === "scalar") tag = findScalarTagByTest(ctx, value, token, onError);
		else tag = ctx.schema[identity.SCALAR];
		let scalar;
		try {
			const res = tag.resolve(value, (msg) => onError(tagToken ?? token, "TAG_RESOLVE_FAILED", msg), ctx.options);
			scalar = identity.isScalar(res) ? res : new Scalar.Scalar(res);
		} catch (error) {
			const msg = error instanceof Error ? error.message : String(error);
			onError(tagToken ?? token, "TAG_RESOLVE_FAILED", msg);
			scalar = new Scalar.Scalar(value);
		}
		scalar.range = range;
		scalar.source = value;
		if (type) scalar.type = type;
		if (tagName) scalar.tag = tagName;
		if (tag.format) scalar.format = tag.format;
		if (comment) scalar.comment = comment;
		return scalar;
	}
	function findScalarTagByName(schema, value, tagName, tagToken, onError) {
		if (tagName === "!") return schema[identity.SCALAR];
		const matchWithTest = [];
		for (const tag of schema.tags) if (!tag.collection && tag.tag === tagName) {
			if (tag.default && tag.test) matchWithTest.push(tag);
			else return tag;
		}
		for (const tag of matchWithTest) if (tag.test?.test(value)) return tag;
		const kt = schema.knownTags[tagName];
		if (kt && !kt.collection) {
			schema.tags.push(Object.assign({}, kt, {
				default: false,
				test: void 0
			}));
			return kt;
		}
		onError(tagToken, "TAG_RESOLVE_FAILED", `Unresolved tag: ${tagName}`, tagName !== "tag:yaml.org,2002:str");
		return schema[identity.SCALAR];
	}
	function findScalarTagByTest({ atKey, directives, schema }, value, token, onError) {
		const tag = schema.tags.find((tag) => (tag.default === true || atKey && tag.default === "key") && tag.test?.test(value)) || schema[identity.SCALAR];
		if (schema.compat) {
			const compat = schema.compat.find((tag) => tag.default && tag.test?.test(value)) ?? schema[identity.SCALAR];
			if (tag.tag !== compat.tag) onError(token, "TAG_RESOLVE_FAILED", `Value may be parsed as either ${directives.tagString(tag.tag)} or ${directives.tagString(compat.tag)}`, true);
		}
		return tag;
	}
	exports.composeScalar = composeScalar;
}));
// node_modules/yaml/dist/compose/util-empty-scalar-position.js
var require_util_empty_scalar_position = /* @__PURE__ */ __commonJSMin(((exports) => {
	function emptyScalarPosition(offset, before, pos) {
		if (before) {
			pos ?? (pos = before.length);
			for (let i = pos - 1; i >= 0; --i) {
				let st = before[i];
				switch (st.type) {
					case "space":
					case "comment":
					case "newline":
						offset -= st.source.length;
						continue;
				}
				st = before[++i];
				while (st?.type === "space") {
					offset += st.source.length;
					st = before[++i];
				}
				break;
			}
		}
		return offset;
	}
	exports.emptyScalarPosition = emptyScalarPosition;
}));
// node_modules/yaml/dist/compose/compose-node.js
var require_compose_node = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Alias = require_Alias();
	var identity = require_identity();
	var composeCollection = require_compose_collection();
	var composeScalar = require_compose_scalar();
	var resolveEnd = require_resolve_end();
	var utilEmptyScalarPosition = require_util_empty_scalar_position();
	const CN = {
		composeNode,
		composeEmptyNode
	};
	function composeNode(ctx, token, props, onError) {
		const atKey = ctx.atKey;
		const { spaceBefore, comment, anchor, tag } = props;
		let node;
		let isSrcToken = true;
		switch (token.type) {
			case "alias":
				node = composeAlias(ctx, token, onError);
				if (anchor || tag) onError(token, "ALIAS_PROPS", "An alias node must not specify any properties");
				break;
			case "scalar":
			case "single-quoted-scalar":
			case "double-quoted-scalar":
			case "block-scalar":
				node = composeScalar.composeScalar(ctx, token, tag, onError);
				if (anchor) node.anchor = anchor.source.substring(1);
				break;
			case "block-map":
			case "block-seq":
			case "flow-collection":
				try {
					node = composeCollection.composeCollection(CN, ctx, token, props, onError);
					if (anchor) node.anchor = anchor.source.substring(1);
				} catch (error) {
					onError(token, "RESOURCE_EXHAUSTION", error instanceof Error ? error.message : String(error));
				}
				break;
			default:
				onError(token, "UNEXPECTED_TOKEN", token.type === "error" ? token.message : `Unsupported token (type: ${token.type})`);
				isSrcToken = false;
		}
		node ?? (node = composeEmptyNode(ctx, token.offset, void 0, null, props, onError));
		if (anchor && node.anchor === "") onError(anchor, "BAD_ALIAS", "Anchor cannot be an empty string");
		if (atKey && ctx.options.stringKeys && (!identity.isScalar(node) || typeof node.value !== "string" || node.tag && node.tag !== "tag:yaml.org,2002:str")) onError(tag ?? token, "NON_STRING_KEY", "With stringKeys, all keys must be strings");
		if (spaceBefore) node.spaceBefore = true;
		if (comment) {
			if (token.type === "scalar" && token.source === "") node.comment = comment;
			else node.commentBefore = comment;
		}
		if (ctx.options.keepSourceTokens && isSrcToken) node.srcToken = token;
		return node;
	}
	function composeEmptyNode(ctx, offset, before, pos, { spaceBefore, comment, anchor, tag, end }, onError) {
		const token = {
			type: "scalar",
			offset: utilEmptyScalarPosition.emptyScalarPosition(offset, before, pos),
			indent: -1,
			source: ""
		};
		const node = composeScalar.composeScalar(ctx, token, tag, onError);
		if (anchor) {
			node.anchor = anchor.source.substring(1);
			if (node.anchor === "") onError(anchor, "BAD_ALIAS", "Anchor cannot be an empty string");
		}
		if (spaceBefore) node.spaceBefore = true;
		if (comment) {
			node.comment = comment;
			node.range[2] = end;
		}
		return node;
	}
	function composeAlias({ options }, { offset, source, end }, onError) {
		const alias = new Alias.Alias(source.substring(1));
		if (alias.source === "") onError(offset, "BAD_ALIAS", "Alias cannot be an empty string");
		if (alias.source.endsWith(":")) onError(offset + source.length - 1, "BAD_ALIAS", "Alias ending in : is ambiguous", true);
		const valueEnd = offset + source.length;
		const re = resolveEnd.resolveEnd(end, valueEnd, options.strict, onError);
		alias.range = [
			offset,
			valueEnd,
			re.offset
		];
		if (re.comment) alias.comment = re.comment;
		return alias;
	}
	exports.composeEmptyNode = composeEmptyNode;
	exports.composeNode = composeNode;
}));
// node_modules/yaml/dist/compose/compose-doc.js
var require_compose_doc = /* @__PURE__ */ __commonJSMin(((exports) => {
	var Document = require_Document();
	var composeNode = require_compose_node();
	var resolveEnd = require_resolve_end();
	var resolveProps = require_resolve_props();
	function composeDoc(options, directives, { offset, start, value, end }, onError) {
		const opts = Object.assign({ _directives: directives }, options);
		const doc = new Document.Document(void 0, opts);
		const ctx = {
			atKey: false,
			atRoot: true,
			directives: doc.directives,
			options: doc.options,
			schema: doc.schema
		};
		const props = resolveProps.resolveProps(start, {
			indicator: "doc-start",
			next: value ?? end?.[0],
			offset,
			onError,
			parentIndent: 0,
			startOnNewline: true
		});
		if (props.found) {
			doc.directives.docStart = true;
			if (value && (value.type === "block-map" || value.type === "block-seq") && !props.hasNewline) onError(props.end, "MISSING_CHAR", "Block collection cannot start on same line with directives-end marker");
		}
		doc.contents = value ? composeNode.composeNode(ctx, value, props, onError) : composeNode.composeEmptyNode(ctx, props.end, start, null, props, onError);
		const contentEnd = doc.contents.range[2];
		const re = resolveEnd.resolveEnd(end, contentEnd, false, onError);
		if (re.comment) doc.comment = re.comment;
		doc.range = [
			offset,
			contentEnd,
			re.offset
		];
		return doc;
	}
	exports.composeDoc = composeDoc;
}));
// node_modules/yaml/dist/compose/composer.js
var require_composer = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process");
	var directives = require_directives();
	var Document = require_Document();
	var errors = require_errors();
	var identity = require_identity();
	var composeDoc = require_compose_doc();
	var resolveEnd = require_resolve_end();
	function getErrorPos(src) {
		if (typeof src === "number") return [src, src + 1];
		if (Array.isArray(src)) return src.length === 2 ? src : [src[0], src[1]];
		const { offset, source } = src;
		return [offset, offset + (typeof source === "string" ? source.length : 1)];
	}
	function parsePrelude(prelude) {
		let comment = "";
		let atComment = false;
		let afterEmptyLine = false;
		for (let i = 0; i < prelude.length; ++i) {
			const source = prelude[i];
			switch (source[0]) {
				case "#":
					comment += (comment === "" ? "" : afterEmptyLine ? "\n\n" : "\n") + (source.substring(1) || " ");
					atComment = true;
					afterEmptyLine = false;
					break;
				case "%":
					if (prelude[i + 1]?.[0] !== "#") i += 1;
					atComment = false;
					break;
				default:
					if (!atComment) afterEmptyLine = true;
					atComment = false;
			}
		}
		return {
			comment,
			afterEmptyLine
		};
	}
	/**
	* Compose a stream of CST nodes into a stream of YAML Documents.
	*
	* ```ts
	* import { Composer, Parser } from 'yaml'
	*
	* const src: string = ...
	* const tokens = new Parser().parse(src)
	* const docs = new Composer().compose(tokens)
	* ```
	*/
	var Composer = class {
		constructor(options = {}) {
			this.doc = null;
			this.atDirectives = false;
			this.prelude = [];
			this.errors = [];
			this.warnings = [];
			this.onError = (source, code, message, warning) => {
				const pos = getErrorPos(source);
				if (warning) this.warnings.push(new errors.YAMLWarning(pos, code, message));
				else this.errors.push(new errors.YAMLParseError(pos, code, message));
			};
			this.directives = new directives.Directives({ version: options.version || "1.2" });
			this.options = options;
		}
		decorate(doc, afterDoc) {
			const { comment, afterEmptyLine } = parsePrelude(this.prelude);
			if (comment) {
				const dc = doc.contents;
				if (afterDoc) doc.comment = doc.comment ? `${doc.comment}\n${comment}` : comment;
				else if (afterEmptyLine || doc.directives.docStart || !dc) doc.commentBefore = comment;
				else if (identity.isCollection(dc) && !dc.flow && dc.items.length > 0) {
					let it = dc.items[0];
					if (identity.isPair(it)) it = it.key;
					const cb = it.commentBefore;
					it.commentBefore = cb ? `${comment}\n${cb}` : comment;
				} else {
					const cb = dc.commentBefore;
					dc.commentBefore = cb ? `${comment}\n${cb}` : comment;
				}
			}
			if (afterDoc) {
				for (let i = 0; i < this.errors.length; ++i) doc.errors.push(this.errors[i]);
				for (let i = 0; i < this.warnings.length; ++i) doc.warnings.push(this.warnings[i]);
			} else {
				doc.errors = this.errors;
				doc.warnings = this.warnings;
			}
			this.prelude = [];
			this.errors = [];
			this.warnings = [];
		}
		/**
		* Current stream status information.
		*
		* Mostly useful at the end of input for an empty stream.
		*/
		streamInfo() {
			return {
				comment: parsePrelude(this.prelude).comment,
				directives: this.directives,
				errors: this.errors,
				warnings: this.warnings
			};
		}
		/**
		* Compose tokens into documents.
		*
		* @param forceDoc - If the stream contains no document, still emit a final document including any comments and directives that would be applied to a subsequent document.
		* @param endOffset - Should be set if `forceDoc` is also set, to set the document range end and to indicate errors correctly.
		*/
		*compose(tokens, forceDoc = false, endOffset = -1) {
			for (const token of tokens) yield* this.next(token);
			yield* this.end(forceDoc, endOffset);
		}
		/** Advance the composer by one CST token. */
		*next(token) {
			if (node_process.env.LOG_STREAM) console.dir(token, { depth: null });
			switch (token.type) {
				case "directive":
					this.directives.add(token.source, (offset, message, warning) => {
						const pos = getErrorPos(token);
						pos[0] += offset;
						this.onError(pos, "BAD_DIRECTIVE", message, warning);
					});
					this.prelude.push(token.source);
					this.atDirectives = true;
					break;
				case "document": {
					const doc = composeDoc.composeDoc(this.options, this.directives, token, this.onError);
					if (this.atDirectives && !doc.directives.docStart) this.onError(token, "MISSING_CHAR", "Missing directives-end/doc-start indicator line");
					this.decorate(doc, false);
					if (this.doc) yield this.doc;
					this.doc = doc;
					this.atDirectives = false;
					break;
				}
				case "byte-order-mark":
				case "space": break;
				case "comment":
				case "newline":
					this.prelude.push(token.source);
					break;
				case "error": {
					const msg = token.source ? `${token.message}: ${JSON.stringify(token.source)}` : token.message;
					const error = new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", msg);
					if (this.atDirectives || !this.doc) this.errors.push(error);
					else this.doc.errors.push(error);
					break;
				}
				case "doc-end": {
					if (!this.doc) {
						this.errors.push(new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", "Unexpected doc-end without preceding document"));
						break;
					}
					this.doc.directives.docEnd = true;
					const end = resolveEnd.resolveEnd(token.end, token.offset + token.source.length, this.doc.options.strict, this.onError);
					this.decorate(this.doc, true);
					if (end.comment) {
						const dc = this.doc.comment;
						this.doc.comment = dc ? `${dc}\n${end.comment}` : end.comment;
					}
					this.doc.range[2] = end.offset;
					break;
				}
				default: this.errors.push(new errors.YAMLParseError(getErrorPos(token), "UNEXPECTED_TOKEN", `Unsupported token ${token.type}`));
			}
		}
		/**
		* Call at end of input to yield any remaining document.
		*
		* @param forceDoc - If the stream contains no document, still emit a final document including any comments and directives that would be applied to a subsequent document.
		* @param endOffset - Should be set if `forceDoc` is also set, to set the document range end and to indicate errors correctly.
		*/
		*end(forceDoc = false, endOffset = -1) {
			if (this.doc) {
				this.decorate(this.doc, true);
				yield this.doc;
				this.doc = null;
			} else if (forceDoc) {
				const opts = Object.assign({ _directives: this.directives }, this.options);
				const doc = new Document.Document(void 0, opts);
				if (this.atDirectives) this.onError(endOffset, "MISSING_CHAR", "Missing directives-end indicator line");
				doc.range = [
					0,
					endOffset,
					endOffset
				];
				this.decorate(doc, false);
				yield doc;
			}
		}
	};
	exports.Composer = Composer;
}));
// node_modules/yaml/dist/parse/cst-scalar.js
var require_cst_scalar = /* @__PURE__ */ __commonJSMin(((exports) => {
	var resolveBlockScalar = require_resolve_block_scalar();
	var resolveFlowScalar = require_resolve_flow_scalar();
	var errors = require_errors();
	var stringifyString = require_stringifyString();
	function resolveAsScalar(token, strict = true, onError) {
		if (token) {
			const _onError = (pos, code, message) => {
				const offset = typeof pos === "number" ? pos : Array.isArray(pos) ? pos[0] : pos.offset;
				if (onError) onError(offset, code, message);
				else throw new errors.YAMLParseError([offset, offset + 1], code, message);
			};
			switch (token.type) {
				case "scalar":
				case "single-quoted-scalar":
				case "double-quoted-scalar": return resolveFlowScalar.resolveFlowScalar(token, strict, _onError);
				case "block-scalar": return resolveBlockScalar.resolveBlockScalar({ options: { strict } }, token, _onError);
			}
		}
		return null;
	}
	/**
	* Create a new scalar token with `value`
	*
	* Values that represent an actual string but may be parsed as a different type should use a `type` other than `'PLAIN'`,
	* as this function does not support any schema operations and won't check for such conflicts.
	*
	* @param value The string representation of the value, which will have its content properly indented.
	* @param context.end Comments and whitespace after the end of the value, or after the block scalar header. If undefined, a newline will be added.
	* @param context.implicitKey Being within an implicit key may affect the resolved type of the token's value.
	* @param context.indent The indent level of the token.
	* @param context.inFlow Is this scalar within a flow collection? This may affect the resolved type of the token's value.
	* @param context.offset The offset position of the token.
	* @param context.type The preferred type of the scalar token. If undefined, the previous type of the `token` will be used, defaulting to `'PLAIN'`.
	*/
	function createScalarToken(value, context) {
		const { implicitKey = false, indent, inFlow = false, offset = -1, type = "PLAIN" } = context;
		const source = stringifyString.stringifyString({
			type,
			value
		}, {
			implicitKey,
			indent: indent > 0 ? " ".repeat(indent) : "",
			inFlow,
			options: {
				blockQuote: true,
				lineWidth: -1
			}
		});
		const end = context.end ?? [{
			type: "newline",
			offset: -1,
			indent,
			source: "\n"
		}];
		switch (source[0]) {
			case "|":
			case ">": {
				const he = source.indexOf("\n");
				const head = source.substring(0, he);
				const body = source.substring(he + 1) + "\n";
				const props = [{
					type: "block-scalar-header",
					offset,
					indent,
					source: head
				}];
				if (!addEndtoBlockProps(props, end)) props.push({
					type: "newline",
					offset: -1,
					indent,
					source: "\n"
				});
				return {
					type: "block-scalar",
					offset,
					indent,
					props,
					source: body
				};
			}
			case "\"": return {
				type: "double-quoted-scalar",
				offset,
				indent,
				source,
				end
			};
			case "'": return {
				type: "single-quoted-scalar",
				offset,
				indent,
				source,
				end
			};
			default: return {
				type: "scalar",
				offset,
				indent,
				source,
				end
			};
		}
	}
	/**
	* Set the value of `token` to the given string `value`, overwriting any previous contents and type that it may have.
	*
	* Best efforts are made to retain any comments previously associated with the `token`,
	* though all contents within a collection's `items` will be overwritten.
	*
	* Values that represent an actual string but may be parsed as a different type should use a `type` other than `'PLAIN'`,
	* as this function does not support any schema operations and won't check for such conflicts.
	*
	* @param token Any token. If it does not include an `indent` value, the value will be stringified as if it were an implicit key.
	* @param value The string representation of the value, which will have its content properly indented.
	* @param context.afterKey In most cases, values after a key should have an additional level of indentation.
	* @param context.implicitKey Being within an implicit key may affect the resolved type of the token's value.
	* @param context.inFlow Being within a flow collection may affect the resolved type of the token's value.
	* @param context.type The preferred type of the scalar token. If undefined, the previous type of the `token` will be used, defaulting to `'PLAIN'`.
	*/
	function setScalarValue(token, value, context = {}) {
		let { afterKey = false, implicitKey = false, inFlow = false, type } = context;
		let indent = "indent" in token ? token.indent : null;
		if (afterKey && typeof indent === "number") indent += 2;
		if (!type) switch (token.type) {
			case "single-quoted-scalar":
				type = "QUOTE_SINGLE";
				break;
			case "double-quoted-scalar":
				type = "QUOTE_DOUBLE";
				break;
			case "block-scalar": {
				const header = token.props[0];
				if (header.type !== "block-scalar-header") throw new Error("Invalid block scalar header");
				type = header.source[0] === ">" ? "BLOCK_FOLDED" : "BLOCK_LITERAL";
				break;
			}
			default: type = "PLAIN";
		}
		const source = stringifyString.stringifyString({
			type,
			value
		}, {
			implicitKey: implicitKey || indent === null,
			indent: indent !== null && indent > 0 ? " ".repeat(indent) : "",
			inFlow,
			options: {
				blockQuote: true,
				lineWidth: -1
			}
		});
		switch (source[0]) {
			case "|":
			case ">":
				setBlockScalarValue(token, source);
				break;
			case "\"":
				setFlowScalarValue(token, source, "double-quoted-scalar");
				break;
			case "'":
				setFlowScalarValue(token, source, "single-quoted-scalar");
				break;
			default: setFlowScalarValue(token, source, "scalar");
		}
	}
	function setBlockScalarValue(token, source) {
		const he = source.indexOf("\n");
		const head = source.substring(0, he);
		const body = source.substring(he + 1) + "\n";
		if (token.type === "block-scalar") {
			const header = token.props[0];
			if (header.type !== "block-scalar-header") throw new Error("Invalid block scalar header");
			header.source = head;
			token.source = body;
		} else {
			const { offset } = token;
			const indent = "indent" in token ? token.indent : -1;
			const props = [{
				type: "block-scalar-header",
				offset,
				indent,
				source: head
			}];
			if (!addEndtoBlockProps(props, "end" in token ? token.end : void 0)) props.push({
				type: "newline",
				offset: -1,
				indent,
				source: "\n"
			});
			for (const key of Object.keys(token)) if (key !== "type" && key !== "offset") delete token[key];
			Object.assign(token, {
				type: "block-scalar",
				indent,
				props,
				source: body
			});
		}
	}
	/** @returns `true` if last token is a newline */
	function addEndtoBlockProps(props, end) {
		if (end) for (const st of end) switch (st.type) {
			case "space":
			case "comment":
				props.push(st);
				break;
			case "newline":
				props.push(st);
				return true;
		}
		return false;
	}
	function setFlowScalarValue(token, source, type) {
		switch (token.type) {
			case "scalar":
			case "double-quoted-scalar":
			case "single-quoted-scalar":
				token.type = type;
				token.source = source;
				break;
			case "block-scalar": {
				const end = token.props.slice(1);
				let oa = source.length;
				if (token.props[0].type === "block-scalar-header") oa -= token.props[0].source.length;
				for (const tok of end) tok.offset += oa;
				delete token.props;
				Object.assign(token, {
					type,
					source,
					end
				});
				break;
			}
			case "block-map":
			case "block-seq": {
				const nl = {
					type: "newline",
					offset: token.offset + source.length,
					indent: token.indent,
					source: "\n"
				};
				delete token.items;
				Object.assign(token, {
					type,
					source,
					end: [nl]
				});
				break;
			}
			default: {
				const indent = "indent" in token ? token.indent : -1;
				const end = "end" in token && Array.isArray(token.end) ? token.end.filter((st) => st.type === "space" || st.type === "comment" || st.type === "newline") : [];
				for (const key of Object.keys(token)) if (key !== "type" && key !== "offset") delete token[key];
				Object.assign(token, {
					type,
					indent,
					source,
					end
				});
			}
		}
	}
	exports.createScalarToken = createScalarToken;
	exports.resolveAsScalar = resolveAsScalar;
	exports.setScalarValue = setScalarValue;
}));
// node_modules/yaml/dist/parse/cst-stringify.js
var require_cst_stringify = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Stringify a CST document, token, or collection item
	*
	* Fair warning: This applies no validation whatsoever, and
	* simply concatenates the sources in their logical order.
	*/
	const stringify = (cst) => "type" in cst ? stringifyToken(cst) : stringifyItem(cst);
	function stringifyToken(token) {
		switch (token.type) {
			case "block-scalar": {
				let res = "";
				for (const tok of token.props) res += stringifyToken(tok);
				return res + token.source;
			}
			case "block-map":
			case "block-seq": {
				let res = "";
				for (const item of token.items) res += stringifyItem(item);
				return res;
			}
			case "flow-collection": {
				let res = token.start.source;
				for (const item of token.items) res += stringifyItem(item);
				for (const st of token.end) res += st.source;
				return res;
			}
			case "document": {
				let res = stringifyItem(token);
				if (token.end) for (const st of token.end) res += st.source;
				return res;
			}
			default: {
				let res = token.source;
				if ("end" in token && token.end) for (const st of token.end) res += st.source;
				return res;
			}
		}
	}
	function stringifyItem({ start, key, sep, value }) {
		let res = "";
		for (const st of start) res += st.source;
		if (key) res += stringifyToken(key);
		if (sep) for (const st of sep) res += st.source;
		if (value) res += stringifyToken(value);
		return res;
	}
	exports.stringify = stringify;
}));
// node_modules/yaml/dist/parse/cst-visit.js
var require_cst_visit = /* @__PURE__ */ __commonJSMin(((exports) => {
	const BREAK = Symbol("break visit");
	const SKIP = Symbol("skip children");
	const REMOVE = Symbol("remove item");
	/**
	* Apply a visitor to a CST document or item.
	*
	* Walks through the tree (depth-first) starting from the root, calling a
	* `visitor` function with two arguments when entering each item:
	*   - `item`: The current item, which included the following members:
	*     - `start: SourceToken[]` \u2013 Source tokens before the key or value,
	*       possibly including its anchor or tag.
	*     - `key?: Token | null` \u2013 Set for pair values. May then be `null`, if
	*       the key before the `:` separator is empty.
	*     - `sep?: SourceToken[]` \u2013 Source tokens between the key and the value,
	*       which should include the `:` map value indicator if `value` is set.
	*     - `value?: Token` \u2013 The value of a sequence item, or of a map pair.
	*   - `path`: The steps from the root to the current node, as an array of
	*     `['key' | 'value', number]` tuples.
	*
	* The return value of the visitor may be used to control the traversal:
	*   - `undefined` (default): Do nothing and continue
	*   - `visit.SKIP`: Do not visit the children of this token, continue with
	*      next sibling
	*   - `visit.BREAK`: Terminate traversal completely
	*   - `visit.REMOVE`: Remove the current item, then continue with the next one
	*   - `number`: Set the index of the next step. This is useful especially if
	*     the index of the current token has changed.
	*   - `function`: Define the next visitor for this item. After the original
	*     visitor is called on item entry, next visitors are called after handling
	*     a non-empty `key` and when exiting the item.
	*/
	function visit(cst, visitor) {
		if ("type" in cst && cst.type === "document") cst = {
			start: cst.start,
			value: cst.value
		};
		_visit(Object.freeze([]), cst, visitor);
	}
	/** Terminate visit traversal completely */
	visit.BREAK = BREAK;
	/** Do not visit the children of the current item */
	visit.SKIP = SKIP;
	/** Remove the current item */
	visit.REMOVE = REMOVE;
	/** Find the item at `path` from `cst` as the root */
	visit.itemAtPath = (cst, path) => {
		let item = cst;
		for (const [field, index] of path) {
			const tok = item?.[field];
			if (tok && "items" in tok) item = tok.items[index];
			else return void 0;
		}
		return item;
	};
	/**
	* Get the immediate parent collection of the item at `path` from `cst` as the root.
	*
	* Throws an error if the collection is not found, which should never happen if the item itself exists.
	*/
	visit.parentCollection = (cst, path) => {
		const parent = visit.itemAtPath(cst, path.slice(0, -1));
		const field = path[path.length - 1][0];
		const coll = parent?.[field];
		if (coll && "items" in coll) return coll;
		throw new Error("Parent collection not found");
	};
	function _visit(path, item, visitor) {
		let ctrl = visitor(item, path);
		if (typeof ctrl === "symbol") return ctrl;
		for (const field of ["key", "value"]) {
			const token = item[field];
			if (token && "items" in token) {
				for (let i = 0; i < token.items.length; ++i) {
					const ci = _visit(Object.freeze(path.concat([[field, i]])), token.items[i], visitor);
					if (typeof ci === "number") i = ci - 1;
					else if (ci === BREAK) return BREAK;
					else if (ci === REMOVE) {
						token.items.splice(i, 1);
						i -= 1;
					}
				}
				if (typeof ctrl === "function" && field === "key") ctrl = ctrl(item, path);
			}
		}
		return typeof ctrl === "function" ? ctrl(item, path) : ctrl;
	}
	exports.visit = visit;
}));
// node_modules/yaml/dist/parse/cst.js
var require_cst = /* @__PURE__ */ __commonJSMin(((exports) => {
	var cstScalar = require_cst_scalar();
	var cstStringify = require_cst_stringify();
	var cstVisit = require_cst_visit();
	/** The byte order mark */
	const BOM = "\ufeff";
	/** Start of doc-mode */
	const DOCUMENT = "";
	/** Unexpected end of flow-mode */
	const FLOW_END = "";
	/** Next token is a scalar value */
	const SCALAR = "";
	/** @returns `true` if `token` is a flow or block collection */
	const isCollection = (token) => !!token && "items" in token;
	/** @returns `true` if `token` is a flow or block scalar; not an alias */
	const isScalar = (token) => !!token && (token.type === "scalar" || token.type === "single-quoted-scalar" || token.type === "double-quoted-scalar" || token.type === "block-scalar");
	/* istanbul ignore next */
	/** Get a printable representation of a lexer token */
	function prettyToken(token) {
		switch (token) {
			case BOM: return "<BOM>";
			case DOCUMENT: return "<DOC>";
			case FLOW_END: return "<FLOW_END>";
			case SCALAR: return "<SCALAR>";
			default: return JSON.stringify(token);
		}
	}
	/** Identify the type of a lexer token. May return `null` for unknown tokens. */
	function tokenType(source) {
		switch (source) {
			case BOM: return "byte-order-mark";
			case DOCUMENT: return "doc-mode";
			case FLOW_END: return "flow-error-end";
			case SCALAR: return "scalar";
			case "---": return "doc-start";
			case "...": return "doc-end";
			case "":
			case "\n":
			case "\r\n": return "newline";
			case "-": return "seq-item-ind";
			case "?": return "explicit-key-ind";
			case ":": return "map-value-ind";
			case "{": return "flow-map-start";
			case "}": return "flow-map-end";
			case "[": return "flow-seq-start";
			case "]": return "flow-seq-end";
			case ",": return "comma";
		}
		switch (source[0]) {
			case " ":
			case "	": return "space";
			case "#": return "comment";
			case "%": return "directive-line";
			case "*": return "alias";
			case "&": return "anchor";
			case "!": return "tag";
			case "'": return "single-quoted-scalar";
			case "\"": return "double-quoted-scalar";
			case "|":
			case ">": return "block-scalar-header";
		}
		return null;
	}
	exports.createScalarToken = cstScalar.createScalarToken;
	exports.resolveAsScalar = cstScalar.resolveAsScalar;
	exports.setScalarValue = cstScalar.setScalarValue;
	exports.stringify = cstStringify.stringify;
	exports.visit = cstVisit.visit;
	exports.BOM = BOM;
	exports.DOCUMENT = DOCUMENT;
	exports.FLOW_END = FLOW_END;
	exports.SCALAR = SCALAR;
	exports.isCollection = isCollection;
	exports.isScalar = isScalar;
	exports.prettyToken = prettyToken;
	exports.tokenType = tokenType;
}));
// node_modules/yaml/dist/parse/lexer.js
var require_lexer = /* @__PURE__ */ __commonJSMin(((exports) => {
	var cst = require_cst();
	function isEmpty(ch) {
		switch (ch) {
			case void 0:
			case " ":
			case "\n":
			case "\r":
			case "	": return true;
			default: return false;
		}
	}
	const hexDigits = /* @__PURE__ */ new Set("0123456789ABCDEFabcdef");
	const tagChars = /* @__PURE__ */ new Set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-#;/?:@&=+$_.!~*'()");
	const flowIndicatorChars = /* @__PURE__ */ new Set(",[]{}");
	const invalidAnchorChars = /* @__PURE__ */ new Set(" ,[]{}\n\r	");
	const isNotAnchorChar = (ch) => !ch || invalidAnchorChars.has(ch);
	/**
	* Splits an input string into lexical tokens, i.e. smaller strings that are
	* easily identifiable by `tokens.tokenType()`.
	*
	* Lexing starts always in a "stream" context. Incomplete input may be buffered
	* until a complete token can be emitted.
	*
	* In addition to slices of the original input, the following control characters
	* may also be emitted:
	*
	* - `\x02` (Start of Text): A document starts with the next token
	* - `\x18` (Cancel): Unexpected end of flow-mode (indicates an error)
	* - `\x1f` (Unit Separator): Next token is a scalar value
	* - `\u{FEFF}` (Byte order mark): Emitted separately outside documents
	*/
	var Lexer = class {
		constructor() {
			/**
			* Flag indicating whether the end of the current buffer marks the end of
			* all input
			*/
			this.atEnd = false;
			/**
			* Explicit indent set in block scalar header, as an offset from the current
			* minimum indent, so e.g. set to 1 from a header `|2+`. Set to -1 if not
			* explicitly set.
			*/
			this.blockScalarIndent = -1;
			/**
			* Block scalars that include a + (keep) chomping indicator in their header
			* include trailing empty lines, which are otherwise excluded from the
			* scalar's contents.
			*/
			this.blockScalarKeep = false;
			/** Current input */
			this.buffer = "";
			/**
			* Flag noting whether the map value indicator : can immediately follow this
			* node within a flow context.
			*/
			this.flowKey = false;
			/** Count of surrounding flow collection levels. */
			this.flowLevel = 0;
			/**
			* Minimum level of indentation required for next lines to be parsed as a
			* part of the current scalar value.
			*/
			this.indentNext = 0;
			/** Indentation level of the current line. */
			this.indentValue = 0;
			/** Position of the next \n character. */
			this.lineEndPos = null;
			/** Stores the state of the lexer if reaching the end of incpomplete input */
			this.next = null;
			/** A pointer to `buffer`; the current position of the lexer. */
			this.pos = 0;
		}
		/**
		* Generate YAML tokens from the `source` string. If `incomplete`,
		* a part of the last line may be left as a buffer for the next call.
		*
		* @returns A generator of lexical tokens
		*/
		*lex(source, incomplete = false) {
			if (source) {
				if (typeof source !== "string") throw TypeError("source is not a string");
				this.buffer = this.buffer ? this.buffer + source : source;
				this.lineEndPos = null;
			}
			this.atEnd = !incomplete;
			let next = this.next ?? "stream";
			while (next && (incomplete || this.hasChars(1))) next = yield* this.parseNext(next);
		}
		atLineEnd() {
			let i = this.pos;
			let ch = this.buffer[i];
			while (ch === " " || ch === "	") ch = this.buffer[++i];
			if (!ch || ch === "#" || ch === "\n") return true;
			if (ch === "\r") return this.buffer[i + 1] === "\n";
			return false;
		}
		charAt(n) {
			return this.buffer[this.pos + n];
		}
		continueScalar(offset) {
			let ch = this.buffer[offset];
			if (this.indentNext > 0) {
				let indent = 0;
				while (ch === " ") ch = this.buffer[++indent + offset];
				if (ch === "\r") {
					const next = this.buffer[indent + offset + 1];
					if (next === "\n" || !next && !this.atEnd) return offset + indent + 1;
				}
				return ch === "\n" || indent >= this.indentNext || !ch && !this.atEnd ? offset + indent : -1;
			}
			if (ch === "-" || ch === ".") {
				const dt = this.buffer.substr(offset, 3);
				if ((dt === "---" || dt === "...") && isEmpty(this.buffer[offset + 3])) return -1;
			}
			return offset;
		}
		getLine() {
			let end = this.lineEndPos;
			if (typeof end !== "number" || end !== -1 && end < this.pos) {
				end = this.buffer.indexOf("\n", this.pos);
				this.lineEndPos = end;
			}
			if (end === -1) return this.atEnd ? this.buffer.substring(this.pos) : null;
			if (this.buffer[end - 1] === "\r") end -= 1;
			return this.buffer.substring(this.pos, end);
		}
		hasChars(n) {
			return this.pos + n <= this.buffer.length;
		}
		setNext(state) {
			this.buffer = this.buffer.substring(this.pos);
			this.pos = 0;
			this.lineEndPos = null;
			this.next = state;
			return null;
		}
		peek(n) {
			return this.buffer.substr(this.pos, n);
		}
		*parseNext(next) {
			switch (next) {
				case "stream": return yield* this.parseStream();
				case "line-start": return yield* this.parseLineStart();
				case "block-start": return yield* this.parseBlockStart();
				case "doc": return yield* this.parseDocument();
				case "flow": return yield* this.parseFlowCollection();
				case "quoted-scalar": return yield* this.parseQuotedScalar();
				case "block-scalar": return yield* this.parseBlockScalar();
				case "plain-scalar": return yield* this.parsePlainScalar();
			}
		}
		*parseStream() {
			let line = this.getLine();
			if (line === null) return this.setNext("stream");
			if (line[0] === cst.BOM) {
				yield* this.pushCount(1);
				line = line.substring(1);
			}
			if (line[0] === "%") {
				let dirEnd = line.length;
				let cs = line.indexOf("#");
				while (cs !== -1) {
					const ch = line[cs - 1];
					if (ch === " " || ch === "	") {
						dirEnd = cs - 1;
						break;
					} else cs = line.indexOf("#", cs + 1);
				}
				while (true) {
					const ch = line[dirEnd - 1];
					if (ch === " " || ch === "	") dirEnd -= 1;
					else break;
				}
				const n = (yield* this.pushCount(dirEnd)) + (yield* this.pushSpaces(true));
				yield* this.pushCount(line.length - n);
				this.pushNewline();
				return "stream";
			}
			if (this.atLineEnd()) {
				const sp = yield* this.pushSpaces(true);
				yield* this.pushCount(line.length - sp);
				yield* this.pushNewline();
				return "stream";
			}
			yield cst.DOCUMENT;
			return yield* this.parseLineStart();
		}
		*parseLineStart() {
			const ch = this.charAt(0);
			if (!ch && !this.atEnd) return this.setNext("line-start");
			if (ch === "-" || ch === ".") {
				if (!this.atEnd && !this.hasChars(4)) return this.setNext("line-start");
				const s = this.peek(3);
				if ((s === "---" || s === "...") && isEmpty(this.charAt(3))) {
					yield* this.pushCount(3);
					this.indentValue = 0;
					this.indentNext = 0;
					return s === "---" ? "doc" : "stream";
				}
			}
			this.indentValue = yield* this.pushSpaces(false);
			if (this.indentNext > this.indentValue && !isEmpty(this.charAt(1))) this.indentNext = this.indentValue;
			return yield* this.parseBlockStart();
		}
		*parseBlockStart() {
			const [ch0, ch1] = this.peek(2);
			if (!ch1 && !this.atEnd) return this.setNext("block-start");
			if ((ch0 === "-" || ch0 === "?" || ch0 === ":") && isEmpty(ch1)) {
				const n = (yield* this.pushCount(1)) + (yield* this.pushSpaces(true));
				this.indentNext = this.indentValue + 1;
				this.indentValue += n;
				return "block-start";
			}
			return "doc";
		}
		*parseDocument() {
			yield* this.pushSpaces(true);
			const line = this.getLine();
			if (line === null) return this.setNext("doc");
			let n = yield* this.pushIndicators();
			switch (line[n]) {
				case "#": yield* this.pushCount(line.length - n);
				case void 0:
					yield* this.pushNewline();
					return yield* this.parseLineStart();
				case "{":
				case "[":
					yield* this.pushCount(1);
					this.flowKey = false;
					this.flowLevel = 1;
					return "flow";
				case "}":
				case "]":
					yield* this.pushCount(1);
					return "doc";
				case "*":
					yield* this.pushUntil(isNotAnchorChar);
					return "doc";
				case "\"":
				case "'": return yield* this.parseQuotedScalar();
				case "|":
				case ">":
					n += yield* this.parseBlockScalarHeader();
					n += yield* this.pushSpaces(true);
					yield* this.pushCount(line.length - n);
					yield* this.pushNewline();
					return yield* this.parseBlockScalar();
				default: return yield* this.parsePlainScalar();
			}
		}
		*parseFlowCollection() {
			let nl, sp;
			let indent = -1;
			do {
				nl = yield* this.pushNewline();
				if (nl > 0) {
					sp = yield* this.pushSpaces(false);
					this.indentValue = indent = sp;
				} else sp = 0;
				sp += yield* this.pushSpaces(true);
			} while (nl + sp > 0);
			const line = this.getLine();
			if (line === null) return this.setNext("flow");
			if (indent !== -1 && indent < this.indentNext && line[0] !== "#" || indent === 0 && (line.startsWith("---") || line.startsWith("...")) && isEmpty(line[3])) {
				if (!(indent === this.indentNext - 1 && this.flowLevel === 1 && (line[0] === "]" || line[0] === "}"))) {
					this.flowLevel = 0;
					yield cst.FLOW_END;
					return yield* this.parseLineStart();
				}
			}
			let n = 0;
			while (line[n] === ",") {
				n += yield* this.pushCount(1);
				n += yield* this.pushSpaces(true);
				this.flowKey = false;
			}
			n += yield* this.pushIndicators();
			switch (line[n]) {
				case void 0: return "flow";
				case "#":
					yield* this.pushCount(line.length - n);
					return "flow";
				case "{":
				case "[":
					yield* this.pushCount(1);
					this.flowKey = false;
					this.flowLevel += 1;
					return "flow";
				case "}":
				case "]":
					yield* this.pushCount(1);
					this.flowKey = true;
					this.flowLevel -= 1;
					return this.flowLevel ? "flow" : "doc";
				case "*":
					yield* this.pushUntil(isNotAnchorChar);
					return "flow";
				case "\"":
				case "'":
					this.flowKey = true;
					return yield* this.parseQuotedScalar();
				case ":": {
					const next = this.charAt(1);
					if (this.flowKey || isEmpty(next) || next === ",") {
						this.flowKey = false;
						yield* this.pushCount(1);
						yield* this.pushSpaces(true);
						return "flow";
					}
				}
				default:
					this.flowKey = false;
					return yield* this.parsePlainScalar();
			}
		}
		*parseQuotedScalar() {
			const quote = this.charAt(0);
			let end = this.buffer.indexOf(quote, this.pos + 1);
			if (quote === "'") while (end !== -1 && this.buffer[end + 1] === "'") end = this.buffer.indexOf("'", end + 2);
			else while (end !== -1) {
				let n = 0;
				while (this.buffer[end - 1 - n] === "\\") n += 1;
				if (n % 2 === 0) break;
				end = this.buffer.indexOf("\"", end + 1);
			}
			const qb = this.buffer.substring(0, end);
			let nl = qb.indexOf("\n", this.pos);
			if (nl !== -1) {
				while (nl !== -1) {
					const cs = this.continueScalar(nl + 1);
					if (cs === -1) break;
					nl = qb.indexOf("\n", cs);
				}
				if (nl !== -1) end = nl - (qb[nl - 1] === "\r" ? 2 : 1);
			}
			if (end === -1) {
				if (!this.atEnd) return this.setNext("quoted-scalar");
				end = this.buffer.length;
			}
			yield* this.pushToIndex(end + 1, false);
			return this.flowLevel ? "flow" : "doc";
		}
		*parseBlockScalarHeader() {
			this.blockScalarIndent = -1;
			this.blockScalarKeep = false;
			let i = this.pos;
			while (true) {
				const ch = this.buffer[++i];
				if (ch === "+") this.blockScalarKeep = true;
				else if (ch > "0" && ch <= "9") this.blockScalarIndent = Number(ch) - 1;
				else if (ch !== "-") break;
			}
			return yield* this.pushUntil((ch) => isEmpty(ch) || ch === "#");
		}
		*parseBlockScalar() {
			let nl = this.pos - 1;
			let indent = 0;
			let ch;
			loop: for (let i = this.pos; ch = this.buffer[i]; ++i) switch (ch) {
				case " ":
					indent += 1;
					break;
				case "\n":
					nl = i;
					indent = 0;
					break;
				case "\r": {
					const next = this.buffer[i + 1];
					if (!next && !this.atEnd) return this.setNext("block-scalar");
					if (next === "\n") break;
				}
				default: break loop;
			}
			if (!ch && !this.atEnd) return this.setNext("block-scalar");
			if (indent >= this.indentNext) {
				if (this.blockScalarIndent === -1) this.indentNext = indent;
				else this.indentNext = this.blockScalarIndent + (this.indentNext === 0 ? 1 : this.indentNext);
				do {
					const cs = this.continueScalar(nl + 1);
					if (cs === -1) break;
					nl = this.buffer.indexOf("\n", cs);
				} while (nl !== -1);
				if (nl === -1) {
					if (!this.atEnd) return this.setNext("block-scalar");
					nl = this.buffer.length;
				}
			}
			let i = nl + 1;
			ch = this.buffer[i];
			while (ch === " ") ch = this.buffer[++i];
			if (ch === "	") {
				while (ch === "	" || ch === " " || ch === "\r" || ch === "\n") ch = this.buffer[++i];
				nl = i - 1;
			} else if (!this.blockScalarKeep) do {
				let i = nl - 1;
				let ch = this.buffer[i];
				if (ch === "\r") ch = this.buffer[--i];
				const lastChar = i;
				while (ch === " ") ch = this.buffer[--i];
				if (ch === "\n" && i >= this.pos && i + 1 + indent > lastChar) nl = i;
				else break;
			} while (true);
			yield cst.SCALAR;
			yield* this.pushToIndex(nl + 1, true);
			return yield* this.parseLineStart();
		}
		*parsePlainScalar() {
			const inFlow = this.flowLevel > 0;
			let end = this.pos - 1;
			let i = this.pos - 1;
			let ch;
			while (ch = this.buffer[++i]) if (ch === ":") {
				const next = this.buffer[i + 1];
				if (isEmpty(next) || inFlow && flowIndicatorChars.has(next)) break;
				end = i;
			} else if (isEmpty(ch)) {
				let next = this.buffer[i + 1];
				if (ch === "\r") {
					if (next === "\n") {
						i += 1;
						ch = "\n";
						next = this.buffer[i + 1];
					} else end = i;
				}
				if (next === "#" || inFlow && flowIndicatorChars.has(next)) break;
				if (ch === "\n") {
					const cs = this.continueScalar(i + 1);
					if (cs === -1) break;
					i = Math.max(i, cs - 2);
				}
			} else {
				if (inFlow && flowIndicatorChars.has(ch)) break;
				end = i;
			}
			if (!ch && !this.atEnd) return this.setNext("plain-scalar");
			yield cst.SCALAR;
			yield* this.pushToIndex(end + 1, true);
			return inFlow ? "flow" : "doc";
		}
		*pushCount(n) {
			if (n > 0) {
				yield this.buffer.substr(this.pos, n);
				this.pos += n;
				return n;
			}
			return 0;
		}
		*pushToIndex(i, allowEmpty) {
			const s = this.buffer.slice(this.pos, i);
			if (s) {
				yield s;
				this.pos += s.length;
				return s.length;
			} else if (allowEmpty) yield "";
			return 0;
		}
		*pushIndicators() {
			let n = 0;
			loop: while (true) {
				switch (this.charAt(0)) {
					case "!":
						n += yield* this.pushTag();
						n += yield* this.pushSpaces(true);
						continue loop;
					case "&":
						n += yield* this.pushUntil(isNotAnchorChar);
						n += yield* this.pushSpaces(true);
						continue loop;
					case "-":
					case "?":
					case ":": {
						const inFlow = this.flowLevel > 0;
						const ch1 = this.charAt(1);
						if (isEmpty(ch1) || inFlow && flowIndicatorChars.has(ch1)) {
							if (!inFlow) this.indentNext = this.indentValue + 1;
							else if (this.flowKey) this.flowKey = false;
							n += yield* this.pushCount(1);
							n += yield* this.pushSpaces(true);
							continue loop;
						}
					}
				}
				break loop;
			}
			return n;
		}
		*pushTag() {
			if (this.charAt(1) === "<") {
				let i = this.pos + 2;
				let ch = this.buffer[i];
				while (!isEmpty(ch) && ch !== ">") ch = this.buffer[++i];
				return yield* this.pushToIndex(ch === ">" ? i + 1 : i, false);
			} else {
				let i = this.pos + 1;
				let ch = this.buffer[i];
				while (ch) if (tagChars.has(ch)) ch = this.buffer[++i];
				else if (ch === "%" && hexDigits.has(this.buffer[i + 1]) && hexDigits.has(this.buffer[i + 2])) ch = this.buffer[i += 3];
				else break;
				return yield* this.pushToIndex(i, false);
			}
		}
		*pushNewline() {
			const ch = this.buffer[this.pos];
			if (ch === "\n") return yield* this.pushCount(1);
			else if (ch === "\r" && this.charAt(1) === "\n") return yield* this.pushCount(2);
			else return 0;
		}
		*pushSpaces(allowTabs) {
			let i = this.pos - 1;
			let ch;
			do
				ch = this.buffer[++i];
			while (ch === " " || allowTabs && ch === "	");
			const n = i - this.pos;
			if (n > 0) {
				yield this.buffer.substr(this.pos, n);
				this.pos = i;
			}
			return n;
		}
		*pushUntil(test) {
			let i = this.pos;
			let ch = this.buffer[i];
			while (!test(ch)) ch = this.buffer[++i];
			return yield* this.pushToIndex(i, false);
		}
	};
	exports.Lexer = Lexer;
}));
// node_modules/yaml/dist/parse/line-counter.js
var require_line_counter = /* @__PURE__ */ __commonJSMin(((exports) => {
	/**
	* Tracks newlines during parsing in order to provide an efficient API for
	* determining the one-indexed `{ line, col }` position for any offset
	* within the input.
	*/
	var LineCounter = class {
		constructor() {
			this.lineStarts = [];
			/**
			* Should be called in ascending order. Otherwise, call
			* `lineCounter.lineStarts.sort()` before calling `linePos()`.
			*/
			this.addNewLine = (offset) => this.lineStarts.push(offset);
			/**
			* Performs a binary search and returns the 1-indexed { line, col }
			* position of `offset`. If `line === 0`, `addNewLine` has never been
			* called or `offset` is before the first known newline.
			*/
			this.linePos = (offset) => {
				let low = 0;
				let high = this.lineStarts.length;
				while (low < high) {
					const mid = low + high >> 1;
					if (this.lineStarts[mid] < offset) low = mid + 1;
					else high = mid;
				}
				if (this.lineStarts[low] === offset) return {
					line: low + 1,
					col: 1
				};
				if (low === 0) return {
					line: 0,
					col: offset
				};
				const start = this.lineStarts[low - 1];
				return {
					line: low,
					col: offset - start + 1
				};
			};
		}
	};
	exports.LineCounter = LineCounter;
}));
// node_modules/yaml/dist/parse/parser.js
var require_parser = /* @__PURE__ */ __commonJSMin(((exports) => {
	var node_process = __require("process");
	var cst = require_cst();
	var lexer = require_lexer();
	function includesToken(list, type) {
		for (let i = 0; i < list.length; ++i) if (list[i].type === type) return true;
		return false;
	}
	function findNonEmptyIndex(list) {
		for (let i = 0; i < list.length; ++i) switch (list[i].type) {
			case "space":
			case "comment":
			case "newline": break;
			default: return i;
		}
		return -1;
	}
	function isFlowToken(token) {
		switch (token?.type) {
			case "alias":
			case "scalar":
			case "single-quoted-scalar":
			case "double-quoted-scalar":
			case "flow-collection": return true;
			default: return false;
		}
	}
	function getPrevProps(parent) {
		switch (parent.type) {
			case "document": return parent.start;
			case "block-map": {
				const it = parent.items[parent.items.length - 1];
				return it.sep ?? it.start;
			}
			case "block-seq": return parent.items[parent.items.length - 1].start;
			/* istanbul ignore next should not happen */
			default: return [];
		}
	}
	/** Note: May modify input array */
	function getFirstKeyStartProps(prev) {
		if (prev.length === 0) return [];
		let i = prev.length;
		loop: while (--i >= 0) switch (prev[i].type) {
			case "doc-start":
			case "explicit-key-ind":
			case "map-value-ind":
			case "seq-item-ind":
			case "newline": break loop;
		}
		while (prev[++i]?.type === "space");
		return prev.splice(i, prev.length);
	}
	function arrayPushArray(target, source) {
		if (source.length < 1e5) Array.prototype.push.apply(target, source);
		else for (let i = 0; i < source.length; ++i) target.push(source[i]);
	}
	function fixFlowSeqItems(fc) {
		if (fc.start.type === "flow-seq-start") {
			for (const it of fc.items) if (it.sep && !it.value && !includesToken(it.start, "explicit-key-ind") && !includesToken(it.sep, "map-value-ind")) {
				if (it.key) it.value = it.key;
				delete it.key;
				if (isFlowToken(it.value)) {
					if (it.value.end) arrayPushArray(it.value.end, it.sep);
					else it.value.end = it.sep;
				} else arrayPushArray(it.start, it.sep);
				delete it.sep;
			}
		}
	}
	/**
	* A YAML concrete syntax tree (CST) parser
	*
	* ```ts
	* const src: string = ...
	* for (const token of new Parser().parse(src)) {
	*   // token: Token
	* }
	* ```
	*
	* To use the parser with a user-provided lexer:
	*
	* ```ts
	* function* parse(source: string, lexer: Lexer) {
	*   const parser = new Parser()
	*   for (const lexeme of lexer.lex(source))
	*     yield* parser.next(lexeme)
	*   yield* parser.end()
	* }
	*
	* const src: string = ...
	* const lexer = new Lexer()
	* for (const token of parse(src, lexer)) {
	*   // token: Token
	* }
	* ```
	*/
	var Parser = class {
		/**
		* @param onNewLine - If defined, called separately with the start position of
		*   each new line (in `parse()`, including the start of input).
		*/
		constructor(onNewLine) {
			/** If true, space and sequence indicators count as indentation */
			this.atNewLine = true;
			/** If true, next token is a scalar value */
			this.atScalar = false;
			/** Current indentation level */
			this.indent = 0;
			/** Current offset since the start of parsing */
			this.offset = 0;
			/** On the same line with a block map key */
			this.onKeyLine = false;
			/** Top indicates the node that's currently being built */
			this.stack = [];
			/** The source of the current token, set in parse() */
			this.source = "";
			/** The type of the current token, set in parse() */
			this.type = "";
			this.lexer = new lexer.Lexer();
			this.onNewLine = onNewLine;
		}
		/**
		* Parse `source` as a YAML stream.
		* If `incomplete`, a part of the last line may be left as a buffer for the next call.
		*
		* Errors are not thrown, but yielded as `{ type: 'error', message }` tokens.
		*
		* @returns A generator of tokens representing each directive, document, and other structure.
		*/
		*parse(source, incomplete = false) {
			if (this.onNewLine && this.offset === 0) this.onNewLine(0);
			for (const lexeme of this.lexer.lex(source, incomplete)) yield* this.next(lexeme);
			if (!incomplete) yield* this.end();
		}
		/**
		* Advance the parser by the `source` of one lexical token.
		*/
		*next(source) {
			this.source = source;
			if (node_process.env.LOG_TOKENS) console.log("|", cst.prettyToken(source));
			if (this.atScalar) {
				this.atScalar = false;
				yield* this.step();
				this.offset += source.length;
				return;
			}
			const type = cst.tokenType(source);
			if (!type) {
				const message = `Not a YAML token: ${source}`;
				yield* this.pop({
					type: "error",
					offset: this.offset,
					message,
					source
				});
				this.offset += source.length;
			} else if (type === "scalar") {
				this.atNewLine = false;
				this.atScalar = true;
				this.type = "scalar";
			} else {
				this.type = type;
				yield* this.step();
				switch (type) {
					case "newline":
						this.atNewLine = true;
						this.indent = 0;
						if (this.onNewLine) this.onNewLine(this.offset + source.length);
						break;
					case "space":
						if (this.atNewLine && source[0] === " ") this.indent += source.length;
						break;
					case "explicit-key-ind":
					case "map-value-ind":
					case "seq-item-ind":
						if (this.atNewLine) this.indent += source.length;
						break;
					case "doc-mode":
					case "flow-error-end": return;
					default: this.atNewLine = false;
				}
				this.offset += source.length;
			}
		}
		/** Call at end of input to push out any remaining constructions */
		*end() {
			while (this.stack.length > 0) yield* this.pop();
		}
		get sourceToken() {
			return {
				type: this.type,
				offset: this.offset,
				indent: this.indent,
				source: this.source
			};
		}
		*step() {
			const top = this.peek(1);
			if (this.type === "doc-end" && top?.type !== "doc-end") {
				while (this.stack.length > 0) yield* this.pop();
				this.stack.push({
					type: "doc-end",
					offset: this.offset,
					source: this.source
				});
				return;
			}
			if (!top) return yield* this.stream();
			switch (top.type) {
				case "document": return yield* this.document(top);
				case "alias":
				case "scalar":
				case "single-quoted-scalar":
				case "double-quoted-scalar": return yield* this.scalar(top);
				case "block-scalar": return yield* this.blockScalar(top);
				case "block-map": return yield* this.blockMap(top);
				case "block-seq": return yield* this.blockSequence(top);
				case "flow-collection": return yield* this.flowCollection(top);
				case "doc-end": return yield* this.documentEnd(top);
			}
			/* istanbul ignore next should not happen */
			yield* this.pop();
		}
		peek(n) {
			return this.stack[this.stack.length - n];
		}
		*pop(error) {
			const token = error ?? this.stack.pop();
			/* istanbul ignore if should not happen */
			if (!token) yield {
				type: "error",
				offset: this.offset,
				source: "",
				message: "Tried to pop an empty stack"
			};
			else if (this.stack.length === 0) yield token;
			else {
				const top = this.peek(1);
				if (token.type === "block-scalar") token.indent = "indent" in top ? top.indent : 0;
				else if (token.type === "flow-collection" && top.type === "document") token.indent = 0;
				if (token.type === "flow-collection") fixFlowSeqItems(token);
				switch (top.type) {
					case "document":
						top.value = token;
						break;
					case "block-scalar":
						top.props.push(token);
						break;
					case "block-map": {
						const it = top.items[top.items.length - 1];
						if (it.value) {
							top.items.push({
								start: [],
								key: token,
								sep: []
							});
							this.onKeyLine = true;
							return;
						} else if (it.sep) it.value = token;
						else {
							Object.assign(it, {
								key: token,
								sep: []
							});
							this.onKeyLine = !it.explicitKey;
							return;
						}
						break;
					}
					case "block-seq": {
						const it = top.items[top.items.length - 1];
						if (it.value) top.items.push({
							start: [],
							value: token
						});
						else it.value = token;
						break;
					}
					case "flow-collection": {
						const it = top.items[top.items.length - 1];
						if (!it || it.value) top.items.push({
							start: [],
							key: token,
							sep: []
						});
						else if (it.sep) it.value = token;
						else Object.assign(it, {
							key: token,
							sep: []
						});
						return;
					}
					/* istanbul ignore next should not happen */
					default:
						yield* this.pop();
						yield* this.pop(token);
				}
				if ((top.type === "document" || top.type === "block-map" || top.type === "block-seq") && (token.type === "block-map" || token.type === "block-seq")) {
					const last = token.items[token.items.length - 1];
					if (last && !last.sep && !last.value && last.start.length > 0 && findNonEmptyIndex(last.start) === -1 && (token.indent === 0 || last.start.every((st) => st.type !== "comment" || st.indent < token.indent))) {
						if (top.type === "document") top.end = last.start;
						else top.items.push({ start: last.start });
						token.items.splice(-1, 1);
					}
				}
			}
		}
		*stream() {
			switch (this.type) {
				case "directive-line":
					yield {
						type: "directive",
						offset: this.offset,
						source: this.source
					};
					return;
				case "byte-order-mark":
				case "space":
				case "comment":
				case "newline":
					yield this.sourceToken;
					return;
				case "doc-mode":
				case "doc-start": {
					const doc = {
						type: "document",
						offset: this.offset,
						start: []
					};
					if (this.type === "doc-start") doc.start.push(this.sourceToken);
					this.stack.push(doc);
					return;
				}
			}
			yield {
				type: "error",
				offset: this.offset,
				message: `Unexpected ${this.type} token in YAML stream`,
				source: this.source
			};
		}
		*document(doc) {
			if (doc.value) return yield* this.lineEnd(doc);
			switch (this.type) {
				case "doc-start":
					if (findNonEmptyIndex(doc.start) !== -1) {
						yield* this.pop();
						yield* this.step();
					} else doc.start.push(this.sourceToken);
					return;
				case "anchor":
				case "tag":
				case "space":
				case "comment":
				case "newline":
					doc.start.push(this.sourceToken);
					return;
			}
			const bv = this.startBlockValue(doc);
			if (bv) this.stack.push(bv);
			else yield {
				type: "error",
				offset: this.offset,
				message: `Unexpected ${this.type} token in YAML document`,
				source: this.source
			};
		}
		*scalar(scalar) {
			if (this.type === "map-value-ind") {
				const start = getFirstKeyStartProps(getPrevProps(this.peek(2)));
				let sep;
				if (scalar.end) {
					sep = scalar.end;
					sep.push(this.sourceToken);
					delete scalar.end;
				} else sep = [this.sourceToken];
				const map = {
					type: "block-map",
					offset: scalar.offset,
					indent: scalar.indent,
					items: [{
						start,
						key: scalar,
						sep
					}]
				};
				this.onKeyLine = true;
				this.stack[this.stack.length - 1] = map;
			} else yield* this.lineEnd(scalar);
		}
		*blockScalar(scalar) {
			switch (this.type) {
				case "space":
				case "comment":
				case "newline":
					scalar.props.push(this.sourceToken);
					return;
				case "scalar":
					scalar.source = this.source;
					this.atNewLine = true;
					this.indent = 0;
					if (this.onNewLine) {
						let nl = this.source.indexOf("\n") + 1;
						while (nl !== 0) {
							this.onNewLine(this.offset + nl);
							nl = this.source.indexOf("\n", nl) + 1;
						}
					}
					yield* this.pop();
					break;
				/* istanbul ignore next should not happen */
				default:
					yield* this.pop();
					yield* this.step();
			}
		}
		*blockMap(map) {
			const it = map.items[map.items.length - 1];
			switch (this.type) {
				case "newline":
					this.onKeyLine = false;
					if (it.value) {
						const end = "end" in it.value ? it.value.end : void 0;
						if ((Array.isArray(end) ? end[end.length - 1] : void 0)?.type === "comment") end?.push(this.sourceToken);
						else map.items.push({ start: [this.sourceToken] });
					} else if (it.sep) it.sep.push(this.sourceToken);
					else it.start.push(this.sourceToken);
					return;
				case "space":
				case "comment":
					if (it.value) map.items.push({ start: [this.sourceToken] });
					else if (it.sep) it.sep.push(this.sourceToken);
					else {
						if (this.atIndentedComment(it.start, map.indent)) {
							const end = map.items[map.items.length - 2]?.value?.end;
							if (Array.isArray(end)) {
								arrayPushArray(end, it.start);
								end.push(this.sourceToken);
								map.items.pop();
								return;
							}
						}
						it.start.push(this.sourceToken);
					}
					return;
			}
			if (this.indent >= map.indent) {
				const atMapIndent = !this.onKeyLine && this.indent === map.indent;
				const atNextItem = atMapIndent && (it.sep || it.explicitKey) && this.type !== "seq-item-ind";
				let start = [];
				if (atNextItem && it.sep && !it.value) {
					const nl = [];
					for (let i = 0; i < it.sep.length; ++i) {
						const st = it.sep[i];
						switch (st.type) {
							case "newline":
								nl.push(i);
								break;
							case "space": break;
							case "comment":
								if (st.indent > map.indent) nl.length = 0;
								break;
							default: nl.length = 0;
						}
					}
					if (nl.length >= 2) start = it.sep.splice(nl[1]);
				}
				switch (this.type) {
					case "anchor":
					case "tag":
						if (atNextItem || it.value) {
							start.push(this.sourceToken);
							map.items.push({ start });
							this.onKeyLine = true;
						} else if (it.sep) it.sep.push(this.sourceToken);
						else it.start.push(this.sourceToken);
						return;
					case "explicit-key-ind":
						if (!it.sep && !it.explicitKey) {
							it.start.push(this.sourceToken);
							it.explicitKey = true;
						} else if (atNextItem || it.value) {
							start.push(this.sourceToken);
							map.items.push({
								start,
								explicitKey: true
							});
						} else this.stack.push({
							type: "block-map",
							offset: this.offset,
							indent: this.indent,
							items: [{
								start: [this.sourceToken],
								explicitKey: true
							}]
						});
						this.onKeyLine = true;
						return;
					case "map-value-ind":
						if (it.explicitKey) {
							if (!it.sep) {
								if (includesToken(it.start, "newline")) Object.assign(it, {
									key: null,
									sep: [this.sourceToken]
								});
								else {
									const start = getFirstKeyStartProps(it.start);
									this.stack.push({
										type: "block-map",
										offset: this.offset,
										indent: this.indent,
										items: [{
											start,
											key: null,
											sep: [this.sourceToken]
										}]
									});
								}
							} else if (it.value) map.items.push({
								start: [],
								key: null,
								sep: [this.sourceToken]
							});
							else if (includesToken(it.sep, "map-value-ind")) this.stack.push({
								type: "block-map",
								offset: this.offset,
								indent: this.indent,
								items: [{
									start,
									key: null,
									sep: [this.sourceToken]
								}]
							});
							else if (isFlowToken(it.key) && !includesToken(it.sep, "newline")) {
								const start = getFirstKeyStartProps(it.start);
								const key = it.key;
								const sep = it.sep;
								sep.push(this.sourceToken);
								delete it.key;
								delete it.sep;
								this.stack.push({
									type: "block-map",
									offset: this.offset,
									indent: this.indent,
									items: [{
										start,
										key,
										sep
									}]
								});
							} else if (start.length > 0) it.sep = it.sep.concat(start, this.sourceToken);
							else it.sep.push(this.sourceToken);
						} else if (!it.sep) Object.assign(it, {
							key: null,
							sep: [this.sourceToken]
						});
						else if (it.value || atNextItem) map.items.push({
							start,
							key: null,
							sep: [this.sourceToken]
						});
						else if (includesToken(it.sep, "map-value-ind")) this.stack.push({
							type: "block-map",
							offset: this.offset,
							indent: this.indent,
							items: [{
								start: [],
								key: null,
								sep: [this.sourceToken]
							}]
						});
						else it.sep.push(this.sourceToken);
						this.onKeyLine = true;
						return;
					case "alias":
					case "scalar":
					case "single-quoted-scalar":
					case "double-quoted-scalar": {
						const fs = this.flowScalar(this.type);
						if (atNextItem || it.value) {
							map.items.push({
								start,
								key: fs,
								sep: []
							});
							this.onKeyLine = true;
						} else if (it.sep) this.stack.push(fs);
						else {
							Object.assign(it, {
								key: fs,
								sep: []
							});
							this.onKeyLine = true;
						}
						return;
					}
					default: {
						const bv = this.startBlockValue(map);
						if (bv) {
							if (bv.type === "block-seq") {
								if (!it.explicitKey && it.sep && !includesToken(it.sep, "newline")) {
									yield* this.pop({
										type: "error",
										offset: this.offset,
										message: "Unexpected block-seq-ind on same line with key",
										source: this.source
									});
									return;
								}
							} else if (atMapIndent) map.items.push({ start });
							this.stack.push(bv);
							return;
						}
					}
				}
			}
			yield* this.pop();
			yield* this.step();
		}
		*blockSequence(seq) {
			const it = seq.items[seq.items.length - 1];
			switch (this.type) {
				case "newline":
					if (it.value) {
						const end = "end" in it.value ? it.value.end : void 0;
						if ((Array.isArray(end) ? end[end.length - 1] : void 0)?.type === "comment") end?.push(this.sourceToken);
						else seq.items.push({ start: [this.sourceToken] });
					} else it.start.push(this.sourceToken);
					return;
				case "space":
				case "comment":
					if (it.value) seq.items.push({ start: [this.sourceToken] });
					else {
						if (this.atIndentedComment(it.start, seq.indent)) {
							const end = seq.items[seq.items.length - 2]?.value?.end;
							if (Array.isArray(end)) {
								arrayPushArray(end, it.start);
								end.push(this.sourceToken);
								seq.items.pop();
								return;
							}
						}
						it.start.push(this.sourceToken);
					}
					return;
				case "anchor":
				case "tag":
					if (it.value || this.indent <= seq.indent) break;
					it.start.push(this.sourceToken);
					return;
				case "seq-item-ind":
					if (this.indent !== seq.indent) break;
					if (it.value || includesToken(it.start, "seq-item-ind")) seq.items.push({ start: [this.sourceToken] });
					else it.start.push(this.sourceToken);
					return;
			}
			if (this.indent > seq.indent) {
				const bv = this.startBlockValue(seq);
				if (bv) {
					this.stack.push(bv);
					return;
				}
			}
			yield* this.pop();
			yield* this.step();
		}
		*flowCollection(fc) {
			const it = fc.items[fc.items.length - 1];
			if (this.type === "flow-error-end") {
				let top;
				do {
					yield* this.pop();
					top = this.peek(1);
				} while (top?.type === "flow-collection");
			} else if (fc.end.length === 0) {
				switch (this.type) {
					case "comma":
					case "explicit-key-ind":
						if (!it || it.sep) fc.items.push({ start: [this.sourceToken] });
						else it.start.push(this.sourceToken);
						return;
					case "map-value-ind":
						if (!it || it.value) fc.items.push({
							start: [],
							key: null,
							sep: [this.sourceToken]
						});
						else if (it.sep) it.sep.push(this.sourceToken);
						else Object.assign(it, {
							key: null,
							sep: [this.sourceToken]
						});
						return;
					case "space":
					case "comment":
					case "newline":
					case "anchor":
					case "tag":
						if (!it || it.value) fc.items.push({ start: [this.sourceToken] });
						else if (it.sep) it.sep.push(this.sourceToken);
						else it.start.push(this.sourceToken);
						return;
					case "alias":
					case "scalar":
					case "single-quoted-scalar":
					case "double-quoted-scalar": {
						const fs = this.flowScalar(this.type);
						if (!it || it.value) fc.items.push({
							start: [],
							key: fs,
							sep: []
						});
						else if (it.sep) this.stack.push(fs);
						else Object.assign(it, {
							key: fs,
							sep: []
						});
						return;
					}
					case "flow-map-end":
					case "flow-seq-end":
						fc.end.push(this.sourceToken);
						return;
				}
				const bv = this.startBlockValue(fc);
				/* istanbul ignore else should not happen */
				if (bv) this.stack.push(bv);
				else {
					yield* this.pop();
					yield* this.step();
				}
			} else {
				const parent = this.peek(2);
				if (parent.type === "block-map" && (this.type === "map-value-ind" && parent.indent === fc.indent || this.type === "newline" && !parent.items[parent.items.length - 1].sep)) {
					yield* this.pop();
					yield* this.step();
				} else if (this.type === "map-value-ind" && parent.type !== "flow-collection") {
					const start = getFirstKeyStartProps(getPrevProps(parent));
					fixFlowSeqItems(fc);
					const sep = fc.end.splice(1, fc.end.length);
					sep.push(this.sourceToken);
					const map = {
						type: "block-map",
						offset: fc.offset,
						indent: fc.indent,
						items: [{
							start,
							key: fc,
							sep
						}]
					};
					this.onKeyLine = true;
					this.stack[this.stack.length - 1] = map;
				} else yield* this.lineEnd(fc);
			}
		}
		flowScalar(type) {
			if (this.onNewLine) {
				let nl = this.source.indexOf("\n") + 1;
				while (nl !== 0) {
					this.onNewLine(this.offset + nl);
					nl = this.source.indexOf("\n", nl) + 1;
				}
			}
			return {
				type,
				offset: this.offset,
				indent: this.indent,
				source: this.source
			};
		}
		startBlockValue(parent) {
			switch (this.type) {
				case "alias":
				case "scalar":
				case "single-quoted-scalar":
				case "double-quoted-scalar": return this.flowScalar(this.type);
				case "block-scalar-header": return {
					type: "block-scalar",
					offset: this.offset,
					indent: this.indent,
					props: [this.sourceToken],
					source: ""
				};
				case "flow-map-start":
				case "flow-seq-start": return {
					type: "flow-collection",
					offset: this.offset,
					indent: this.indent,
					start: this.sourceToken,
					items: [],
					end: []
				};
				case "seq-item-ind": return {
					type: "block-seq",
					offset: this.offset,
					indent: this.indent,
					items: [{ start: [this.sourceToken] }]
				};
				case "explicit-key-ind": {
					this.onKeyLine = true;
					const start = getFirstKeyStartProps(getPrevProps(parent));
					start.push(this.sourceToken);
					return {
						type: "block-map",
						offset: this.offset,
						indent: this.indent,
						items: [{
							start,
							explicitKey: true
						}]
					};
				}
				case "map-value-ind": {
					this.onKeyLine = true;
					const start = getFirstKeyStartProps(getPrevProps(parent));
					return {
						type: "block-map",
						offset: this.offset,
						indent: this.indent,
						items: [{
							start,
							key: null,
							sep: [this.sourceToken]
						}]
					};
				}
			}
			return null;
		}
		atIndentedComment(start, indent) {
			if (this.type !== "comment") return false;
			if (this.indent <= indent) return false;
			return start.every((st) => st.type === "newline" || st.type === "space");
		}
		*documentEnd(docEnd) {
			if (this.type !== "doc-mode") {
				if (docEnd.end) docEnd.end.push(this.sourceToken);
				else docEnd.end = [this.sourceToken];
				if (this.type === "newline") yield* this.pop();
			}
		}
		*lineEnd(token) {
			switch (this.type) {
				case "comma":
				case "doc-start":
				case "doc-end":
				case "flow-seq-end":
				case "flow-map-end":
				case "map-value-ind":
					yield* this.pop();
					yield* this.step();
					break;
				case "newline": this.onKeyLine = false;
				default:
					if (token.end) token.end.push(this.sourceToken);
					else token.end = [this.sourceToken];
					if (this.type === "newline") yield* this.pop();
			}
		}
	};
	exports.Parser = Parser;
}));
// node_modules/yaml/dist/public-api.js
var require_public_api = /* @__PURE__ */ __commonJSMin(((exports) => {
	var composer = require_composer();
	var Document = require_Document();
	var errors = require_errors();
	var log = require_log();
	var identity = require_identity();
	var lineCounter = require_line_counter();
	var parser = require_parser();
	function parseOptions(options) {
		const prettyErrors = options.prettyErrors !== false;
		return {
			lineCounter: options.lineCounter || prettyErrors && new lineCounter.LineCounter() || null,
			prettyErrors
		};
	}
	/**
	* Parse the input as a stream of YAML documents.
	*
	* Documents should be separated from each other by `...` or `---` marker lines.
	*
	* @returns If an empty `docs` array is returned, it will be of type
	*   EmptyStream and contain additional stream information. In
	*   TypeScript, you should use `'empty' in docs` as a type guard for it.
	*/
	function parseAllDocuments(source, options = {}) {
		const { lineCounter, prettyErrors } = parseOptions(options);
		const parser$1 = new parser.Parser(lineCounter?.addNewLine);
		const composer$1 = new composer.Composer(options);
		const docs = Array.from(composer$1.compose(parser$1.parse(source)));
		if (prettyErrors && lineCounter) for (const doc of docs) {
			doc.errors.forEach(errors.prettifyError(source, lineCounter));
			doc.warnings.forEach(errors.prettifyError(source, lineCounter));
		}
		if (docs.length > 0) return docs;
		return Object.assign([], { empty: true }, composer$1.streamInfo());
	}
	/** Parse an input string into a single YAML.Document */
	function parseDocument(source, options = {}) {
		const { lineCounter, prettyErrors } = parseOptions(options);
		const parser$1 = new parser.Parser(lineCounter?.addNewLine);
		const composer$1 = new composer.Composer(options);
		let doc = null;
		for (const _doc of composer$1.compose(parser$1.parse(source), true, source.length)) if (!doc) doc = _doc;
		else if (doc.options.logLevel !== "silent") {
			doc.errors.push(new errors.YAMLParseError(_doc.range.slice(0, 2), "MULTIPLE_DOCS", "Source contains multiple documents; please use YAML.parseAllDocuments()"));
			break;
		}
		if (prettyErrors && lineCounter) {
			doc.errors.forEach(errors.prettifyError(source, lineCounter));
			doc.warnings.forEach(errors.prettifyError(source, lineCounter));
		}
		return doc;
	}
	function parse(src, reviver, options) {
		let _reviver = void 0;
		if (typeof reviver === "function") _reviver = reviver;
		else if (options === void 0 && reviver && typeof reviver === "object") options = reviver;
		const doc = parseDocument(src, options);
		if (!doc) return null;
		doc.warnings.forEach((warning) => log.warn(doc.options.logLevel, warning));
		if (doc.errors.length > 0) {
			if (doc.options.logLevel !== "silent") throw doc.errors[0];
			else doc.errors = [];
		}
		return doc.toJS(Object.assign({ reviver: _reviver }, options));
	}
	function stringify(value, replacer, options) {
		let _replacer = null;
		if (typeof replacer === "function" || Array.isArray(replacer)) _replacer = replacer;
		else if (options === void 0 && replacer) options = replacer;
		if (typeof options === "string") options = options.length;
		if (typeof options === "number") {
			const indent = Math.round(options);
			options = indent < 1 ? void 0 : indent > 8 ? { indent: 8 } : { indent };
		}
		if (value === void 0) {
			const { keepUndefined } = options ?? replacer ?? {};
			if (!keepUndefined) return void 0;
		}
		if (identity.isDocument(value) && !_replacer) return value.toString(options);
		return new Document.Document(value, _replacer, options).toString(options);
	}
	exports.parse = parse;
	exports.parseAllDocuments = parseAllDocuments;
	exports.parseDocument = parseDocument;
	exports.stringify = stringify;
}));
// src/cli/doctor/workflow-file.ts
var import_dist = (/* @__PURE__ */ __commonJSMin(((exports) => {
	var composer = require_composer();
	var Document = require_Document();
	var Schema = require_Schema();
	var errors = require_errors();
	var Alias = require_Alias();
	var identity = require_identity();
	var Pair = require_Pair();
	var Scalar = require_Scalar();
	var YAMLMap = require_YAMLMap();
	var YAMLSeq = require_YAMLSeq();
	require_cst();
	var lexer = require_lexer();
	var lineCounter = require_line_counter();
	var parser = require_parser();
	var publicApi = require_public_api();
	var visit = require_visit();
	exports.Composer = composer.Composer;
	exports.Document = Document.Document;
	exports.Schema = Schema.Schema;
	exports.YAMLError = errors.YAMLError;
	exports.YAMLParseError = errors.YAMLParseError;
	exports.YAMLWarning = errors.YAMLWarning;
	exports.Alias = Alias.Alias;
	exports.isAlias = identity.isAlias;
	exports.isCollection = identity.isCollection;
	exports.isDocument = identity.isDocument;
	exports.isMap = identity.isMap;
	exports.isNode = identity.isNode;
	exports.isPair = identity.isPair;
	exports.isScalar = identity.isScalar;
	exports.isSeq = identity.isSeq;
	exports.Pair = Pair.Pair;
	exports.Scalar = Scalar.Scalar;
	exports.YAMLMap = YAMLMap.YAMLMap;
	exports.YAMLSeq = YAMLSeq.YAMLSeq;
	exports.Lexer = lexer.Lexer;
	exports.LineCounter = lineCounter.LineCounter;
	exports.Parser = parser.Parser;
	exports.parse = publicApi.parse;
	exports.parseAllDocuments = publicApi.parseAllDocuments;
	exports.parseDocument = publicApi.parseDocument;
	exports.stringify = publicApi.stringify;
	exports.visit = visit.visit;
	exports.visitAsync = visit.visitAsync;
})))();
/** The action, whoever owns its repository: `owner/box-token-action@v1`. */
const actionReference = /^[^\s@]+\/box-token-action(?:\/[^\s@]*)?@/i;
/** The action that creates a GitHub App token. */
const appTokenReference = /^actions\/create-github-app-token@/i;
/**
* Reads a workflow file.
*
* @returns `undefined` if it is not YAML; GitHub does not run such a file either
*/
function readWorkflowFile(text) {
	let root;
	try {
		root = (0, import_dist.parse)(text, { logLevel: "error" });
	} catch {
		return;
	}
	if (!isRecord(root)) return void 0;
	const { on: triggers, jobs } = root;
	const schedule = isRecord(triggers) ? triggers["schedule"] : void 0;
	const steps = [];
	for (const job of isRecord(jobs) ? Object.values(jobs) : []) {
		const list = isRecord(job) ? job["steps"] : void 0;
		const apps = /* @__PURE__ */ new Map();
		for (const step of Array.isArray(list) ? list : []) {
			if (!isRecord(step) || typeof step["uses"] !== "string") continue;
			const inputs = inputsOf(step["with"]);
			if (appTokenReference.test(step["uses"]) && typeof step["id"] === "string") apps.set(step["id"], inputs);
			if (!actionReference.test(step["uses"])) continue;
			const maker = /^\s*\$\{\{\s*steps\.([\w-]+)\.outputs\.token\s*\}\}\s*$/.exec(inputs["github-token"] ?? "")?.[1];
			steps.push({
				inputs,
				app: maker === void 0 ? void 0 : apps.get(maker)
			});
		}
	}
	return {
		isScheduled: Array.isArray(schedule) && schedule.length > 0,
		steps
	};
}
function inputsOf(block) {
	const entries = Object.entries(isRecord(block) ? block : {});
	return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), scalarText(value)]));
}
function scalarText(value) {
	return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
/**
* Whether a step refreshes the token in a secret. An expression is not evaluated here: it counts as a match.
*
* @param repository `owner/name` of the repository that the workflow is in
*/
function keepsAlive(step, target, repository) {
	if (/^(?:false|False|FALSE)$/.test(step["auto-refresh"] ?? "")) return false;
	const fits = (name, wanted, preset = "") => {
		const given = step[name] ?? "";
		return given.includes("${{") || (given || preset).toLowerCase() === wanted.toLowerCase();
	};
	return fits("secret-name", target.secretName, "BOX_REFRESH_TOKEN") && fits("organization", target.organization ?? "") && fits("environment", target.environment ?? "") && (target.organization !== void 0 || fits("repository", repository, repository));
}
/**
* The secret that an input comes from: `${{ secrets.NAME }}`.
*
* @returns its name; `elsewhere` if the input is something else (a variable, the output of a step); `undefined` if it
*   is not given
*/
function sourceOf(step, input) {
	const value = step[input];
	if (value === void 0) return void 0;
	const name = nameIn(value, "secrets");
	return name === void 0 ? "elsewhere" : { secret: name };
}
/** The name in an expression that is nothing but a secret or a variable: `${{ vars.NAME }}`. */
function nameIn(value, context) {
	const found = /^\s*\$\{\{\s*(secrets|vars)\.([A-Za-z_]\w*)\s*\}\}\s*$/.exec(value ?? "");
	return found?.[1] === context ? found[2] : void 0;
}
/** Whether an input is the token that GitHub gives every run: it cannot write secrets, whatever its permissions. */
function isTokenOfRun(step, input) {
	return /^\s*\$\{\{\s*(?:secrets\.GITHUB_TOKEN|github\.token)\s*\}\}\s*$/i.test(step[input] ?? "");
}
// src/cli/doctor/app.ts
/** The GitHub App that the workflow writes with: whether its two parts are stored, and whether it is installed. */
/**
* Looks for the two parts of an App, by the names the workflow uses, or else by the names that `login` gives them.
*
* @param appStep inputs of the step that creates the App's token
* @throws GitHubUnavailable
*/
async function findApp(examination, appStep) {
	const named = (input, context, preset) => appStep ? nameIn(appStep[input], context) : preset;
	const variable = named("client-id", "vars", appClientIdName);
	const secret = named("private-key", "secrets", appKeyName);
	const reading = variable === void 0 ? void 0 : await readVariable(examination, variable);
	const key = secret === void 0 ? void 0 : await search(levelsOfJob(examination), secret);
	return {
		variable,
		clientId: reading && "refused" in reading ? reading : reading?.value,
		variableIn: reading && "value" in reading ? reading.place : void 0,
		secret,
		hasKey: key?.holder !== void 0
	};
}
/** Reads a variable the way a job does: from its environment, its repository, its organization. */
async function readVariable({ client, target, repository, budget }, name) {
	const { environment } = target;
	const targets = environment === void 0 ? [target] : [target, {
		...target,
		environment: void 0
	}];
	for (const one of targets) {
		const store = variablesOf(client, one);
		const reading = await store.read(name, budget);
		if ("refused" in reading) return reading;
		if (reading.value !== void 0) return {
			value: reading.value,
			place: store.place.name
		};
	}
	if (target.organization !== void 0 || !repository?.isOfOrganization) return void 0;
	const all = await readOrganizationVariables(client, repository, budget);
	if ("refused" in all) return all;
	const value = all.get(name.toUpperCase());
	return value === void 0 ? void 0 : {
		value,
		place: `organization ${repository.owner}`
	};
}
/**
* Checks an App that a workflow writes with.
*
* @throws GitHubUnavailable
*/
async function examineApp(examination, app) {
	const { parts, atHand } = app;
	const again = `run \`${examination.login} --github-app new\`, which creates another App`;
	const findings = [clientIdFinding(examination, parts, again)];
	if (parts.secret !== void 0) findings.push(await examineSecret(examination, {
		name: parts.secret,
		holds: "private key of the GitHub App",
		missing: "problem",
		next: `A lost key cannot be recovered. Generate a new one on the App's settings page and store it with \`${examination.login} --github-app existing\`, or ${again}.`
	}));
	const clientId = atHand.clientId ?? (typeof parts.clientId === "string" ? parts.clientId.trim() : void 0);
	if (clientId !== void 0) findings.push(await installationFinding(examination, app, clientId));
	const { holder } = await search(levelsOfJob(examination), writeTokenName);
	if (holder) findings.push(warning(`The secret ${writeTokenName} of ${holder.words} is no longer needed: the workflow writes with the GitHub App.`, "Delete the secret, and delete the personal access token that it holds in its owner's GitHub settings."));
	return findings;
}
function clientIdFinding(examination, parts, again) {
	const { variable, clientId, variableIn } = parts;
	if (variable === void 0) return ok("The workflow does not take the client id of its GitHub App from a variable: not checked.");
	if (typeof clientId === "string") return ok(`The client id of the GitHub App is stored in the variable ${variable} of ${variableIn ?? ""}.`);
	if (clientId !== void 0) return warning(`Could not check whether the variable ${variable} (client id of the GitHub App) exists ${refusedInWords(examination, clientId)}.`, remedyOr(clientId, examination.reader, `The token from ${examination.reader} needs "Variables: Read" (for an environment, "Environments: Read").`));
	return problem(`The variable ${variable} (client id of the GitHub App) is missing: jobs look for it in ${levelsOfJob(examination).map(({ words }) => words).join(", then ")}.`, `Set it to the client id from the App's settings page, or ${again}.`);
}
/** Whether the App is installed, with the permissions that the workflow will ask for. */
async function installationFinding(examination, { atHand, connection, stateVariable }, clientId) {
	const { target, repository, budget, foreign, client } = examination;
	const owner = target.organization ?? repository?.owner ?? "";
	const where = repository ? `${repository.owner}/${repository.repo}` : `the organization ${owner}`;
	const organization = target.organization ?? (repository?.isOfOrganization ? owner : void 0);
	const settings = settingsUrl(serverOf(connection.apiUrl), organization);
	const its = `The GitHub App ${foreign(clientId)}`;
	const wanted = appPermissions(target, stateVariable);
	const judged = (found, reach) => {
		if (found.isSuspended) return problem(`${its} is suspended.`, `Unsuspend it on its installation page: ${settings}/${found.slug}/installations.`);
		const missing = missingPermissions(wanted, found.permissions);
		return Object.keys(missing).length > 0 ? problem(`${its} lacks ${permissionsInWords(missing)}.`, `Add that on ${settings}/${found.slug}/permissions, then accept it on the installation page.`) : ok(`${its} is installed${reach}, with the permissions it needs.`);
	};
	if (atHand.privateKey !== void 0) {
		const session = new AppSession(connection, {
			clientId,
			privateKey: atHand.privateKey
		});
		const place = {
			owner,
			repo: repository?.repo ?? ""
		};
		const found = await session.installation(place, budget);
		if (!("refused" in found)) return judged(found, ` on ${where}`);
		const answer = refusedInWords(examination, found);
		return found.refused === 404 ? problem(`${its} is not installed on ${where} ${answer}.`, `Install it: choose the App on ${settings}, then "Install App".`) : problem(`GitHub does not accept the key of ${its.replace("The", "the")} ${answer}.`, remedyOr(found, "the App", `Make sure that ${appKeyName} and ${appClientIdName} in the environment belong to the same App. If the key was deleted, generate a new one on ${settings}.`));
	}
	const unknown = (why) => warning(`Could not check whether ${its.replace("The", "the")} is installed on ${where}: ${why}.`, `Set ${appKeyName} in the environment to the App's private key and run this again, or run the workflow to find out for certain.`);
	if (organization === void 0) return unknown("only the App itself can see that");
	const installed = await readInstallations(client, organization, budget);
	if ("refused" in installed) return unknown(`only an owner's token can see that ${refusedInWords(examination, installed)}`);
	const found = installed.find((one) => one.clientId === clientId);
	if (!found) return problem(`${its} is not installed in the organization ${organization}.`, `Install it: choose the App on ${settings}, then "Install App".`);
	return judged(found, found.isEverywhere ? ` on all repositories of ${organization}` : ` on some repositories of ${organization}`);
}
/** For a workflow that writes with a stored token: whether there is an App that nobody uses. */
function unusedApp(parts) {
	const there = [...typeof parts.clientId === "string" ? [`the variable ${parts.variable ?? ""}`] : [], ...parts.hasKey ? [`the secret ${parts.secret ?? ""}`] : []];
	if (there.length === 0) return void 0;
	return warning(`A GitHub App is set up (${there.join(", ")}), but the workflow writes with a stored token.`, "Use the workflow that `box-token login --github-app` prints, so that nothing expires, or delete what is left of the App.");
}
// src/github/workflows.ts
/** The workflows of a repository: their files, whether they are enabled, and how the last run ended. */
/**
* Lists all workflows (`GET /repos/{owner}/{repo}/actions/workflows`, permission "Actions: read").
*
* @throws GitHubUnavailable
*/
async function readWorkflows(client, { owner, repo }, budget) {
	return readPages(client, {
		route: "GET /repos/{owner}/{repo}/actions/workflows",
		parameters: {
			owner,
			repo
		}
	}, {
		key: "workflows",
		perPage: 100
	}, budget, ({ id, path, state }) => typeof id === "number" && typeof path === "string" && typeof state === "string" ? {
		id,
		path,
		state
	} : void 0);
}
/**
* Reads a file on the default branch (`GET /repos/{owner}/{repo}/contents/{path}`, permission "Contents: read").
*
* @returns its text, or `tooLarge` if GitHub leaves out the content (over 1 MB)
* @throws GitHubUnavailable
*/
async function readFileText(client, { owner, repo }, path, budget) {
	return client.request({
		route: "GET /repos/{owner}/{repo}/contents/{path}",
		parameters: {
			owner,
			repo,
			path
		}
	}, budget, (reply) => refusal(reply) ?? contentIn$1(reply));
}
function contentIn$1({ status, data }) {
	if (status !== 200 || !isRecord(data) || typeof data["content"] !== "string") return void 0;
	if (data["encoding"] === "none") return { tooLarge: true };
	if (data["encoding"] !== "base64") return void 0;
	return { text: Buffer.from(data["content"], "base64").toString("utf8") };
}
/**
* Reads the last completed run of a workflow on a branch
* (`GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs`, permission "Actions: read").
*
* @returns `undefined` if there is none
* @throws GitHubUnavailable
*/
async function readLastRun(client, { owner, repo }, workflowId, branch, budget) {
	const parameters = {
		owner,
		repo,
		workflow_id: workflowId,
		branch,
		status: "completed",
		per_page: 1
	};
	const answer = await client.request({
		route: "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
		parameters
	}, budget, (reply) => refusal(reply) ?? lastRunIn(reply));
	return "refused" in answer ? answer : answer.run;
}
function lastRunIn({ status, data }) {
	if (status !== 200 || !isRecord(data) || !Array.isArray(data["workflow_runs"])) return void 0;
	const [run] = data["workflow_runs"];
	if (run === void 0) return { run: void 0 };
	if (!isRecord(run)) return void 0;
	const { conclusion, created_at: created, html_url: page } = run;
	if (typeof conclusion !== "string" || typeof created !== "string" || typeof page !== "string") return void 0;
	const createdAt = Date.parse(created);
	return Number.isNaN(createdAt) ? void 0 : { run: {
		conclusion,
		createdAt,
		page
	} };
}
// src/cli/doctor/keep-alive.ts
/** Whether a workflow keeps the token alive: it uses the action on a schedule, is enabled, and its runs succeed. */
/** Days without activity after which GitHub disables the schedules of a public repository (GitHub Docs, "schedule"). */
const inactiveDays = 60;
/** Days without a push after which that is worth a warning. */
const quietDays = 30;
/** How many files to read at a time: GitHub limits concurrent requests. */
const atATime = 10;
/**
* Looks for the workflows that use the action.
*
* @throws GitHubUnavailable
*/
async function findWorkflows(examination) {
	const { client, repository, target, budget } = examination;
	const keepAlives = [];
	const others = [];
	const nothing = {
		keepAlives,
		others,
		refused: void 0,
		unread: 0
	};
	if (!repository) return nothing;
	const list = await readWorkflows(client, repository, budget);
	if ("refused" in list) return {
		...nothing,
		refused: list
	};
	const files = list.filter(({ path, state }) => path.startsWith(".github/workflows/") && state !== "deleted");
	const slug = `${repository.owner}/${repository.repo}`;
	let refused;
	let unread = 0;
	for (let from = 0; from < files.length; from += atATime) {
		const some = files.slice(from, from + atATime);
		const read = await Promise.all(some.map(async (workflow) => ({
			workflow,
			content: await readFileText(client, repository, workflow.path, budget)
		})));
		for (const { workflow, content } of read) if ("text" in content) {
			const file = readWorkflowFile(content.text);
			const step = file?.steps.find(({ inputs }) => keepsAlive(inputs, target, slug));
			if (file && step) keepAlives.push({
				workflow,
				isScheduled: file.isScheduled,
				step
			});
			else if (file && file.steps.length > 0) others.push(workflow);
		} else if (!("refused" in content)) unread += 1;
		else if (content.refused !== 404) {
			refused ??= content;
			unread += 1;
		}
	}
	return {
		keepAlives,
		others,
		refused,
		unread
	};
}
/**
* Turns what was found into findings.
*
* @param storedAt when the refresh token was last stored, in milliseconds since 1970 (UTC)
* @throws GitHubUnavailable
*/
async function examineKeepAlive(examination, report, storedAt) {
	const { repository } = examination;
	if (!repository) return [warning("Could not look for a keep-alive workflow: no repository was given.", "Give --repo owner/name as well as --organization.")];
	const scheduled = report.keepAlives.filter(({ isScheduled }) => isScheduled);
	if (scheduled.length === 0) return [noKeepAlive(examination, report)];
	const someEnabled = scheduled.some(({ workflow }) => workflow.state === "active");
	const findings = [];
	for (const { workflow } of scheduled) findings.push(workflow.state === "active" ? await examineRuns(examination, workflow, repository.defaultBranch, storedAt) : disabled(examination, workflow, someEnabled));
	if (!repository.isPrivate && someEnabled) findings.push(scheduleTrap(examination));
	return findings;
}
function noKeepAlive(examination, { keepAlives, others, refused, unread }) {
	const { reader, foreign } = examination;
	if (unread > 0 || refused) {
		const answer = refused ? ` ${refusedInWords(examination, refused)}` : "";
		const what = unread > 0 ? `${unread} of the workflow files could not be read` : "the workflows could not be read";
		const give = `The token from ${reader} needs "Actions: Read" and "Contents: Read".`;
		return warning(`Could not check whether a workflow keeps the token alive: ${what}${answer}.`, refused ? remedyOr(refused, reader, give) : give);
	}
	const paths = (workflows) => workflows.map(({ path }) => foreign(path)).join(", ");
	const unscheduled = keepAlives.map(({ workflow }) => workflow);
	const besides = [...unscheduled.length === 0 ? [] : [`used without a schedule: ${paths(unscheduled)}`], ...others.length === 0 ? [] : [`used for another secret: ${paths(others)}`]];
	return warning(`No keep-alive workflow: no workflow on the default branch uses box-token-action on a schedule for this secret${besides.length === 0 ? "" : ` (${besides.join("; ")})`}.`, "Copy the workflow from the README: the refresh token expires after 60 days without a run.");
}
const whyDisabled = {
	disabled_inactivity: "GitHub disabled it, as it does with scheduled workflows in a public repository after 60 days without activity",
	disabled_manually: "somebody disabled it by hand",
	disabled_fork: "GitHub disables scheduled workflows in forks"
};
function disabled(examination, { path, state }, anotherIsEnabled) {
	const { foreign } = examination;
	const why = whyDisabled[state] ?? `its state on GitHub is "${foreign(state)}"`;
	const what = `The keep-alive workflow ${foreign(path)} is disabled: ${why}.`;
	const page = pageOf(examination, path);
	return anotherIsEnabled ? warning(what, `Enable it on ${page} if you want it to run as well as the other one.`) : problem(what, `Enable it on ${page} ("Enable workflow"), then run it there once.`);
}
/** A workflow's page on GitHub, where a person enables and starts it. */
function pageOf({ repository, foreign }, path) {
	return foreign(`${repository?.page ?? ""}/actions/workflows/${path.split("/").at(-1) ?? ""}`);
}
/** Conclusions of a run that need nobody's attention by themselves. */
const harmless = /* @__PURE__ */ new Set(["neutral", "skipped"]);
async function examineRuns(examination, workflow, branch, storedAt) {
	const { client, repository, budget, foreign, reader } = examination;
	const its = `The keep-alive workflow ${foreign(workflow.path)} is enabled`;
	const start = `Start it on ${pageOf(examination, workflow.path)} ("Run workflow")`;
	if (!repository) return ok(`${its}.`);
	const run = await readLastRun(client, repository, workflow.id, branch, budget);
	if (run === void 0) return warning(`${its}, but has not run yet.`, `${start} to check that it works.`);
	if ("refused" in run) return warning(`${its}, but its runs could not be checked ${refusedInWords(examination, run)}.`, remedyOr(run, reader, `The token from ${reader} needs "Actions: Read".`));
	return judgeRun(examination, its, start, run, storedAt);
}
function judgeRun(examination, its, start, { conclusion, createdAt, page }, storedAt) {
	const { foreign } = examination;
	const when = agoInWords(examination, createdAt);
	if (conclusion === "success") return ok(`${its}; its last run, ${when}, succeeded.`);
	const ended = `${its}, but its last run, ${when}, ended with "${foreign(conclusion)}": ${foreign(page)}`;
	if (conclusion === "cancelled" || harmless.has(conclusion)) return warning(`${ended}.`, `${start}.`);
	if (storedAt !== void 0 && storedAt >= createdAt) return warning(`${ended}; the refresh token has been stored since that run was queued.`, `${start}. If it fails again, its error annotation says what to do.`);
	return problem(`${ended}.`, "Open that run: its error annotation says what to do.");
}
/** The second of the two 60-day limits; the first is Box's. */
function scheduleTrap({ repository, now }) {
	const rule = `The repository is public: GitHub disables its scheduled workflows after ${inactiveDays} days without activity`;
	const pushedAt = repository?.pushedAt;
	if (now === void 0 || pushedAt === void 0) return warning(`${rule}.`, "From time to time, check on the Actions page that the workflow is still enabled.");
	const days = Math.max(0, wholeDays(now - pushedAt));
	const last = `${rule}; the last push was ${days === 0 ? "today" : `${daysInWords(days)} ago`}`;
	return days < quietDays ? ok(`${last}.`) : warning(`${last}.`, "Check that the workflow is still enabled after those 60 days. In a private repository, GitHub does not disable it.");
}
// src/sealing/envelope.ts
/**
* Sealed texts that only this app's owner can open: XChaCha20-Poly1305 (libsodium), with a key derived from the client
* secret and the optional state key. A text that is sealed as one kind does not open as another.
*/
/** The version of the format, in front of a sealed text. */
const version$1 = "v1";
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
	const material = joined$1("box-token-action", kind, version$1, clientSecret, stateKey ?? "");
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
	const sealed = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(sodium.from_string(JSON.stringify(value)), joined$1(kind, version$1, clientId, ...place), null, nonce, keyFor(kind, secrets));
	return `${prefixOf(kind)}${version$1}.${Buffer.concat([nonce, sealed]).toString("base64url")}`;
}
/**
* Opens a sealed text. Needs `sealingReady` first.
*
* @returns the value, still to be checked, or why it did not open
*/
function open(kind, secrets, clientId, text, place = []) {
	const prefix = prefixOf(kind);
	if (!text.startsWith(prefix)) return { problem: "not-sealed" };
	const [, number, body] = /^v(\d{1,6})\.([A-Za-z0-9_-]+)$/.exec(text.slice(prefix.length)) ?? [];
	if (number === void 0 || body === void 0) return { problem: "not-sealed" };
	if (`v${number}` !== version$1) return { problem: "newer-version" };
	const sodium = libsodium();
	const bytes = Buffer.from(body, "base64url");
	const split = sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
	try {
		const opened = sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(null, bytes.subarray(split), joined$1(kind, version$1, clientId, ...place), bytes.subarray(0, split), keyFor(kind, secrets));
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
// src/sharing/messages.ts
/** Every failure (in three sentences) and warning about a shared token. The decisions are made in the other files. */
/** The state variable in words. */
function titleOf$1({ variables, seal }) {
	return `variable ${seal.name} of ${variables.place.name}`;
}
/** GitHub refuses to let the token read or write the state or its claims. */
function cannotUseVariable(subject, act, answer) {
	const { refused, message } = answer;
	const { permission } = subject.variables.place;
	const words = subject.narrator.foreign(message);
	const tried = {
		read: `read the ${titleOf$1(subject)}`,
		list: `list the claims next to the ${titleOf$1(subject)}`,
		write: `write variables next to the ${titleOf$1(subject)}`
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
		what: `The shared state in the ${titleOf$1(subject)} was written by a newer version of this action, or somebody marked it that way.`,
		spent: nothingSpent,
		next: `Use the same version of the action in all workflows that share this variable. ${withoutNewer(subject.seal.name)}`
	});
}
/** The way out if a state is marked as newer although no newer version wrote it: the mark itself is not sealed. */
function withoutNewer(name) {
	return `If none of them is newer, delete the variable ${name} and start a new run: it uses the refresh token in the secret. If that run fails with \`reauthorize\`, run \`box-token login --state-variable ${name}\`.`;
}
/** A warning: the state does not open. */
function putAside(subject) {
	return `The shared state in the ${titleOf$1(subject)} cannot be decrypted with this client secret (and \`state-key\`), or is damaged. It is ignored: a job that refreshes uses the refresh token in the secret. If another app uses this variable, give each app its own \`state-variable\`.`;
}
/** A variable that is not a claim has the name that a claim needs. `what` names the remedy too: `post` prints only that. */
function blockedClaim(subject) {
	return new Failure("github-unavailable", {
		what: `The right to refresh the shared token cannot be claimed: next to the ${titleOf$1(subject)}, there is a variable that has the name of a claim but is not one. The variables whose names begin with ${subject.seal.name.toUpperCase()}_CLAIM_ must be deleted.`,
		spent: nothingSpent,
		next: "Delete them, then start a new run."
	});
}
/** The new pair could not be published. `problem` has no full stop. */
function notPublished(subject, retryFor, problem) {
	return new Failure("secret-not-written", {
		what: `GitHub did not let this job publish the new pair in the ${titleOf$1(subject)} within ${retryFor} s: ${problem}.`,
		spent: "The old refresh token has been used (invalidated) and, as far as this job can tell, the new one is not stored. No access token is handed out.",
		next: `Check the log of the post step of this action: it tries once more, and prints a recovery text if it cannot store the token either. If it did neither, start a new run once GitHub is available again: Box may still accept the old refresh token. If that run fails with \`reauthorize\`, sign in to Box again with \`box-token login --state-variable ${subject.seal.name}\`.`
	});
}
/** For a person who brings a token: GitHub's answer to publishing it got lost, and a job has refreshed it meanwhile. */
function followed(subject) {
	return `The refresh token was published in the ${titleOf$1(subject)}, and a job has refreshed it since: that job stores the new one.`;
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
	const opened = open("state", sealing.secrets, sealing.clientId, text.trim(), bindingOf(sealing));
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
// src/cli/doctor/shared-state.ts
/** The pair that jobs share through a variable: whether it opens, how old it is, and which claims are left. */
/**
* Looks at the state variable and the claims beside it. Call after `sealingReady`.
*
* @param name of the variable
* @param keys `undefined` if the credentials are not at hand
* @throws GitHubUnavailable
*/
async function examineSharedState(examination, name, keys) {
	const { client, target, budget, reader } = examination;
	const store = variablesOf(client, target);
	const { place } = store;
	const list = await store.list(name, budget);
	if ("refused" in list) {
		const permission = place.permission.replace("Read and write", "Read");
		return {
			findings: [problem(`The shared state (variable ${name} of ${place.name}) could not be read ${refusedInWords(examination, list)}.`, remedyOr(list, reader, `The token from ${reader} needs ${permission}. Also check that the place exists.`))],
			refreshedAt: void 0
		};
	}
	const { variables } = list;
	const state = variables.find((variable) => variable.name.toUpperCase() === name.toUpperCase());
	const { finding, refreshedAt } = state ? examineState(examination, place, state, keys) : {
		refreshedAt: void 0,
		finding: warning(`There is no shared state yet: there is no variable ${name} of ${place.name}.`, "Run the workflow: its first run with `state-variable` creates it. If it has run already, correct --state-variable.")
	};
	return {
		findings: [finding, ...variables.filter((variable) => variable.name.toUpperCase().startsWith(claimPrefix(name))).map((variable) => examineClaim(examination, variable.name, readClaim(name, variable)))],
		refreshedAt
	};
}
function examineState(examination, place, { name, value, updatedAt }, keys) {
	const { now, login } = examination;
	const its = `The shared state (variable ${name} of ${place.name})`;
	const bad = (finding) => ({
		finding,
		refreshedAt: void 0
	});
	if (!keys) return bad(warning(`${its} exists, but was not opened: that needs the app's credentials.`, "Set BOX_CLIENT_ID and BOX_CLIENT_SECRET in the environment (and BOX_STATE_KEY, if the workflow has a state-key), then run this again."));
	const opened = openState({
		...keys,
		place,
		name
	}, value);
	if (!("problem" in opened)) {
		const { access } = opened;
		if (!access) return {
			finding: ok(`${its} can be opened: its refresh token was stored${updatedAt === void 0 ? "" : ` ${agoInWords(examination, updatedAt)}`}, and has not been used yet.`),
			refreshedAt: updatedAt
		};
		const over = now !== void 0 && access.expiresAt <= now;
		return {
			finding: ok(`${its} can be opened: the pair was refreshed ${agoInWords(examination, access.refreshedAt)}, ${`its access token ${over ? "expired on" : "is valid until"} ${isoSeconds(access.expiresAt)}`}.`),
			refreshedAt: access.refreshedAt
		};
	}
	return opened.problem === "newer-version" ? bad(problem(`${its} is marked as written by a newer version of the action.`, `Use the command line of that version, and the same version of the action in all workflows that share this variable. ${withoutNewer(name)}`)) : bad(problem(`${its} cannot be opened with BOX_CLIENT_ID, BOX_CLIENT_SECRET and BOX_STATE_KEY from the environment: one of them is not what it was encrypted with, or the state is damaged.`, `Compare them with what the workflow passes to the action. If they are the same, its runs cannot open it either: run \`${login}\`, which replaces it.`));
}
function examineClaim(examination, variable, claim) {
	const { now, target, repository } = examination;
	if (!claim || !isUnderstood(claim)) return warning(`The variable ${variable} is named like a claim, but this version does not understand it. It does not hold up any run for long.`, `If nobody knows what it is for, delete it while no run is in progress: \`${deleteVariable(target, repository, variable)}\`.`);
	const { leaseEndsAt } = claim;
	const status = statusAt(claim, now ?? leaseEndsAt);
	if (status === "given-up") return ok(`The claim ${variable} was given up by a run that got no new pair. A later refresh deletes it.`);
	if (status === "done") return ok(`The claim ${variable} belongs to a refresh that is done. A later refresh deletes it.`);
	const until = isoSeconds(leaseEndsAt);
	if (now === void 0) return warning(`The claim ${variable} lasts until ${until}; whether that time has passed is unknown, because GitHub sent no date.`, "If it has passed, run the workflow: its next refresh takes over and deletes the claim.");
	if (status === "live") return ok(`A run is refreshing the pair: it holds the claim ${variable} until ${until} at the latest.`);
	return warning(`The claim ${variable} was left behind by a run that ended before it was done. The claim ended ${agoInWords(examination, leaseEndsAt)}.`, "You do not have to do anything: the next refresh takes over, and a later one deletes it.");
}
function deleteVariable({ environment, organization }, repository, name) {
	if (organization !== void 0) return `gh variable delete ${name} --org ${shellWord(organization)}`;
	return `gh variable delete ${name}${repository ? ` --repo ${shellWord(`${repository.owner}/${repository.repo}`)}` : ""}${environment === void 0 ? "" : ` --env ${shellWord(environment)}`}`;
}
// src/cli/doctor/write-token.ts
/** What the token that the workflow writes with may do, and when it expires. */
/** Days left from which on to warn: a person has to replace the token, which needs some notice. */
const fewDays = 14;
/**
* Checks a write token with a read and an empty write of the secret. GitHub refuses that write in one way if the token
* may write and in another if it may not; the secret stays as it is either way.
*
* @param network how to send requests with that token
* @param token its value; `undefined` if it is not at hand
* @param storedAs name of the secret from which the workflow takes it
* @param placeExists whether the place to write to exists
* @throws GitHubUnavailable
*/
async function examineWriteToken(examination, network, token, storedAs, placeExists) {
	const { target, budget, now } = examination;
	if (token === void 0) return warning(`Could not check what the write token is allowed to do: GitHub does not reveal the value of the secret ${storedAs}.`, `Set ${writeTokenName} in the environment to the token's value and run this again.`);
	const secret = secretOf(new GitHubClient({
		...network,
		token
	}), target);
	if (!placeExists) return warning(`Could not check what the write token (${writeTokenName}) is allowed to write: there is no ${secret.place.name}.`, "Fix that first, then run this again.");
	const [probe, metadata] = await Promise.all([secret.probeWrite(budget), secret.metadata(budget)]);
	const renew = `Create a new one (a fine-grained personal access token with ${secret.place.permission}) and store it: \`${setSecret(examination, storedAs)}\``;
	const its = `The write token (${writeTokenName})`;
	if (probe.answer === "no") {
		const answer = refusedInWords(examination, probe);
		if (probe.status === 401) return problem(`${its} is not valid or has expired ${answer}.`, `${renew}.`);
		const { permission } = secret.place;
		return problem(`${its} ${"refused" in metadata ? "is not allowed to write" : "can read, but not write,"} the ${secret.title} ${answer}.`, `${remedyOr(probe, writeTokenName, `Give that token ${permission} in its settings on GitHub.`)} If you create another one instead, store it: \`${setSecret(examination, storedAs)}\`.`);
	}
	if (probe.answer === "unknown") return warning(`It is not certain that the write token (${writeTokenName}) can write the ${secret.title}: GitHub answered ${probe.status} to an empty write.`, "Run the workflow to find out for certain.");
	const may = `${its} can write the ${secret.title}`;
	const expiresAt = "refused" in metadata ? void 0 : metadata.tokenExpiresAt;
	if (expiresAt === void 0 || now === void 0) return ok(expiresAt === void 0 ? `${may}; GitHub names no date on which it expires.` : `${may} until it expires on ${isoSeconds(expiresAt)}.`);
	const days = Math.max(0, wholeDays(expiresAt - now));
	const until = `${may} until it expires on ${isoSeconds(expiresAt)}`;
	return expiresAt - now > fewDays * 864e5 ? ok(`${until} (${daysInWords(days)} left).`) : warning(`${until} (only ${daysInWords(days)} left).`, `${renew}. After that date, no run can store a token.`);
}
/** The command that stores a secret; it prompts for the value. */
function setSecret({ target, repository }, name) {
	const at = repository ? ` --repo ${shellWord(`${repository.owner}/${repository.repo}`)}` : "";
	if (target.organization !== void 0) return `gh secret set ${name} --org ${shellWord(target.organization)}`;
	return `gh secret set ${name}${at}${target.environment === void 0 ? "" : ` --env ${shellWord(target.environment)}`}`;
}
// src/cli/doctor/examine.ts
/** The whole examination: all checks, in the order in which a person would make them. */
/** For how many seconds the examination keeps trying if GitHub does not answer. */
const retryFor$3 = 60;
/** An answer that makes no sense is reported at once: it rarely goes away by itself, and a person is waiting. */
const mostSenseless = 1;
/** Runs all checks. Only reads, except for the empty write that shows what the write token may do. */
async function examine(world, patient) {
	const { target, apiUrl, token, reader, login, foreign, writeToken, keys, stateVariable } = patient;
	const connection = {
		network: world.network,
		apiUrl,
		mostSenseless
	};
	const client = new GitHubClient({
		...connection,
		token
	});
	const budget = new RetryBudget(world, retryFor$3);
	const findings = [];
	/** If GitHub cannot answer one question, that is a finding, and the other checks go on. */
	const attempt = async (subject, look) => {
		try {
			return await look();
		} catch (error) {
			if (!(error instanceof GitHubUnavailable)) throw error;
			const answer = describeGitHub({
				secret: secretOf(client, target),
				retryFor: retryFor$3,
				foreign
			}, error.last);
			const { last } = error;
			const status = last instanceof TransportError ? void 0 : last.status;
			const movedTo = last instanceof TransportError ? void 0 : last.movedTo;
			const next = movedTo !== void 0 ? present(foreign(movedTo)) : status !== void 0 && status < 400 ? `Check --github-api-url (${apiUrl}). A proxy or a sign-in page between this machine and GitHub may have answered instead.` : "Run this again later. For outages, see https://www.githubstatus.com.";
			findings.push(problem(`GitHub gave no usable answer about ${subject}: ${answer}.`, next));
			return;
		}
	};
	const base = {
		client,
		reader,
		target,
		budget,
		login,
		foreign
	};
	const start = await attempt("the repository", () => lookAround$1(base, world.clock));
	if (!start) return findings;
	findings.push(...start.findings);
	const { examination } = start;
	if (!examination) return findings;
	const workflows = await attempt("the workflows", () => findWorkflows(examination));
	const state = stateVariable === void 0 ? void 0 : await attempt("the shared state", async () => {
		await sealingReady();
		return examineSharedState(examination, stateVariable, keys);
	});
	const stored = await attempt("the refresh token", () => examineRefreshToken(examination, state?.refreshedAt));
	findings.push(...stored?.findings ?? []);
	findings.push(...await attempt("the secret", () => examineVisibility(examination)) ?? []);
	const { inputs: step, app: appStep } = stepOf(workflows);
	const app = await attempt("the GitHub App", () => findApp(examination, appStep));
	const byApp = app !== void 0 && (await attempt("what the workflow writes with", () => writesWithApp(examination, {
		step,
		appStep,
		app
	})) ?? false);
	for (const needed of neededSecrets(examination, patient.prefix, step, byApp)) {
		const finding = "name" in needed ? await attempt(`the secret ${needed.name}`, () => examineSecret(examination, needed)) : needed;
		if (finding) findings.push(finding);
	}
	const source = sourceOf(step, "github-token");
	if (app && byApp) {
		const found = await attempt("the GitHub App", () => examineApp(examination, {
			parts: app,
			atHand: patient.gitHubApp,
			connection,
			stateVariable
		}));
		findings.push(...found ?? []);
	} else if (source !== "elsewhere" || writeToken !== void 0) {
		const storedAs = typeof source === "object" && !isTokenOfRun(step, "github-token") ? source.secret : writeTokenName;
		const finding = await attempt("the write token", () => examineWriteToken(examination, connection, writeToken, storedAs, stored?.placeExists ?? true));
		if (finding) findings.push(finding);
		const unused = app && unusedApp(app);
		if (unused) findings.push(unused);
	}
	if (workflows) {
		const found = await attempt("the runs of the keep-alive workflow", () => examineKeepAlive(examination, workflows, stored?.storedAt));
		findings.push(...found ?? []);
	}
	findings.push(...state?.findings ?? []);
	return findings;
}
/** What to do about a repository that has been renamed. */
function present(name) {
	return `Use --repo ${name}, set \`repository: ${name}\` in every workflow that names it, and update the git remote.`;
}
/** Looks at the repository and at GitHub's clock. Without an `examination`, there is nothing more to check. */
async function lookAround$1(base, clock) {
	const { client, target, budget, reader, foreign } = base;
	const { owner, repo } = target;
	if (owner === "") {
		const metadata = await secretOf(client, target).metadata(budget);
		const moment = "refused" in metadata ? void 0 : metadata.moment;
		const now = moment && serverNow(moment, clock);
		return {
			findings: [],
			examination: {
				...base,
				repository: void 0,
				now
			}
		};
	}
	const repository = await readRepository(client, {
		owner,
		repo
	}, budget);
	if ("renamed" in repository) {
		const to = repository.to === void 0 ? void 0 : foreign(repository.to);
		return {
			findings: [problem(`The repository ${owner}/${repo} ${to === void 0 ? "has been renamed or moved" : `is now called ${to}`}: GitHub answers with a redirect, which is not followed.`, to === void 0 ? "Give its current name with --repo, and update the git remote." : present(to))],
			examination: void 0
		};
	}
	if ("refused" in repository) {
		const answer = refusedInWords(base, repository);
		return {
			findings: [repository.refused === 401 ? problem(`GitHub does not accept the token from ${reader} ${answer}.`, "Set GITHUB_TOKEN in the environment to a valid token, or sign in with `gh auth login`.") : problem(`The repository ${owner}/${repo} does not exist, or the token from ${reader} has no access to it ${answer}.`, remedyOr(repository, reader, "Correct --repo, or set GITHUB_TOKEN in the environment to a token that has access to this repository."))],
			examination: void 0
		};
	}
	const { moment, isPrivate, isArchived } = repository;
	const now = moment && serverNow(moment, clock);
	const examination = {
		...base,
		repository: {
			owner,
			repo,
			...repository
		},
		now
	};
	const its = `The ${isPrivate ? "private" : "public"} repository ${foreign(`${owner}/${repo}`)}`;
	return {
		findings: [isArchived ? problem(`${its} is archived: its workflows do not run, and nothing can be stored.`, "Unarchive it in its settings, or move the workflow and the secrets to another repository.") : ok(`${its} exists. The checks below use the token from ${reader}.`)],
		examination
	};
}
/** The step that keeps the token alive, or the one that comes closest. */
function stepOf(workflows) {
	const { keepAlives = [] } = workflows ?? {};
	return (keepAlives.find(({ isScheduled }) => isScheduled) ?? keepAlives[0])?.step ?? {
		inputs: {},
		app: void 0
	};
}
/** Whether the workflow writes with a GitHub App; if no workflow can be read, whether an App is what is set up. */
async function writesWithApp(examination, { step, appStep, app }) {
	if (appStep) return true;
	if (sourceOf(step, "github-token") !== void 0) return false;
	if (!app.hasKey && typeof app.clientId !== "string") return false;
	return (await search(levelsOfJob(examination), writeTokenName)).holder === void 0;
}
/** The other secrets that the workflow needs, by the names it uses, or else by the names that `login` gives them. */
function neededSecrets({ client, login, target }, prefix, step, byApp) {
	const needed = [];
	const add = (input, preset, holds, next) => {
		const source = sourceOf(step, input);
		if (source === "elsewhere") {
			needed.push(ok(`The workflow does not take its ${holds} from a secret: not checked.`));
			return;
		}
		const missing = source || input !== "github-token" ? "problem" : "warning";
		needed.push({
			name: source?.secret ?? preset,
			holds,
			missing,
			next
		});
	};
	const fromBox = `Run \`${login}\`, which stores it. You find it on the app's Configuration page in the Box Developer Console.`;
	add("client-id", `${prefix}_CLIENT_ID`, "client id", fromBox);
	add("client-secret", `${prefix}_CLIENT_SECRET`, "client secret", fromBox);
	const read = sourceOf(step, "refresh-token");
	if (typeof read === "object" && read.secret.toUpperCase() !== target.secretName.toUpperCase()) needed.push(problem(`The workflow reads the refresh token from the secret ${read.secret}, but the action writes it to ${target.secretName}: the stored token is never used.`, `In the workflow, set \`secret-name: ${read.secret}\`, or set \`refresh-token\` to \`\${{ secrets.${target.secretName} }}\`.`));
	if (byApp) return needed;
	const { place } = secretOf(client, target);
	if (isTokenOfRun(step, "github-token")) {
		needed.push(problem("The workflow passes GITHUB_TOKEN as `github-token`, but GITHUB_TOKEN cannot write secrets, whatever its permissions.", `Run \`${login} --github-app\` and use the workflow that it prints: nothing in it expires. Or create a fine-grained personal access token with ${place.permission}, run \`${login}\` with it as ${writeTokenName} in the environment, and set \`github-token\` to \`\${{ secrets.${writeTokenName} }}\`.`));
		return needed;
	}
	add("github-token", writeTokenName, "write token", `Run \`${login} --github-app\` and use the workflow that it prints: nothing in it expires. Or create a fine-grained personal access token with ${place.permission}, and run \`${login}\` with it as ${writeTokenName} in the environment.`);
	return needed;
}
// src/cli/doctor.ts
/** `box-token doctor`: checks everything that keeps the token alive, changes nothing, and says what to fix. */
/** `box-token doctor`. */
const doctorCommand = {
	name: "doctor",
	summary: "checks your set-up and tells you what to fix",
	description: `Checks everything that keeps the token alive and tells you what to fix, one line per check. The exit code is 1 if something does not work until you act. doctor is read-only: it uses and changes nothing, and does not contact Box.

It reads with GITHUB_TOKEN (or gh), which needs no more than read access to secrets, environments, variables, actions and contents.

To find out what the workflow's write token can write, and when it expires, set ${writeTokenName} in the environment to that token. The only way to know is to try: doctor sends GitHub an empty write, which GitHub refuses in one way if the token may write and in another if it may not. The secret stays as it is.

If the workflow writes with a GitHub App, set ${appKeyName} in the environment (and ${appClientIdName}, if the variable cannot be read): then the App itself is asked whether it is installed and what it is allowed to do. Otherwise doctor tells you what your own token can see.

To open the shared state, give --state-variable and set BOX_CLIENT_ID and BOX_CLIENT_SECRET in the environment (and BOX_STATE_KEY, if the workflow has a state-key).`,
	flags: [{
		form: "--prefix <name>",
		meaning: "prefix of the secrets' names, as given to login (default: BOX)"
	}],
	run: doctor
};
/**
* Runs the command.
*
* @throws UsageError, also if there is something to fix
*/
async function doctor(terminal, world, flags) {
	const order = await readOrder(terminal, flags);
	const { redactor } = terminal;
	const token = await readGitHubToken(terminal, order.apiUrl);
	const writeToken = givenCredential(terminal, writeTokenAsked);
	const keys = stateKeysIn(terminal);
	const reader = terminal.variables["GITHUB_TOKEN"]?.trim() ? "GITHUB_TOKEN" : "`gh`";
	const findings = (await examine(world, {
		...order,
		token,
		reader,
		writeToken,
		gitHubApp: appAtHand(terminal),
		keys,
		foreign: (text) => redactor.foreign(text)
	})).map((finding) => printable(finding, redactor));
	const problems = findings.filter(({ level }) => level === "problem").length;
	if (order.json) terminal.print(JSON.stringify({
		ok: problems === 0,
		findings
	}));
	else for (const finding of findings) terminal.print(lineOf(finding));
	if (problems > 0) throw new UsageError(`found ${problems === 1 ? "1 problem" : `${problems} problems`} that you need to fix`);
}
/**
* Reads the flags.
*
* @throws UsageError
*/
async function readOrder(terminal, flags) {
	const prefix = parsed(flags, "prefix", (text) => parseSecretName(text.replace(/_$/, ""))) ?? "BOX";
	const stateVariable = parsed(flags, "state-variable", parseStateVariable);
	const target = await readTarget(terminal, flags, `${prefix}_REFRESH_TOKEN`);
	const apiUrl = readGitHubApiUrl(terminal, flags) ?? "https://api.github.com";
	const login = ["box-token login", ...[
		["repo", target.owner === "" ? void 0 : `${target.owner}/${target.repo}`],
		["environment", target.environment],
		["organization", target.organization],
		["prefix", prefix === "BOX" ? void 0 : prefix],
		["secret-name", target.secretName === `${prefix}_REFRESH_TOKEN` ? void 0 : target.secretName],
		["state-variable", stateVariable],
		["github-api-url", textOf(flags, "github-api-url")]
	].flatMap(([name, value]) => value === void 0 ? [] : [`--${name} ${shellWord(value)}`])].join(" ");
	return {
		target,
		prefix,
		stateVariable,
		apiUrl,
		json: flags["json"] === true,
		login
	};
}
function appAtHand(terminal) {
	const { clientId, privateKey } = givenApp(terminal);
	return {
		clientId,
		privateKey
	};
}
function stateKeysIn(terminal) {
	const clientId = givenCredential(terminal, clientIdAsked);
	const clientSecret = givenCredential(terminal, clientSecretAsked);
	if (clientId === void 0 || clientSecret === void 0) return void 0;
	return {
		clientId,
		secrets: {
			clientSecret,
			stateKey: readStateKey(terminal)
		}
	};
}
/** Safe to print: without secrets, line breaks and control characters, whatever a name on GitHub contains. */
function printable(finding, redactor) {
	const line = (text) => withoutCommands(redactor.redact(text)).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
	return finding.level === "ok" ? ok(line(finding.what)) : {
		level: finding.level,
		what: line(finding.what),
		next: line(finding.next)
	};
}
function lineOf(finding) {
	const next = finding.level === "ok" ? "" : ` ${finding.next}`;
	return `${finding.level.padEnd(8)} ${finding.what}${next}`;
}
// src/box/authorization.ts
/**
* Box's authorization endpoint (`GET /api/oauth2/authorize` of its account host): the address at which a person signs in,
* and the answer (RFC 6749, section 4.1).
*/
/** A state that nobody can guess: 256 bits. Box documents no PKCE, so only this ties an answer to its request. */
function newState() {
	return (0,node_crypto__WEBPACK_IMPORTED_MODULE_11__.randomBytes)(32).toString("base64url");
}
/** The address at which a person signs in. */
function authorizationUrl({ accountUrl, clientId, redirectUri, state }) {
	const url = new URL(`${accountUrl}/api/oauth2/authorize`);
	url.search = new URLSearchParams({
		response_type: "code",
		client_id: clientId,
		redirect_uri: redirectUri,
		state
	}).toString();
	return url.href;
}
/**
* Reads the query of the address to which Box sent the browser back.
*
* @param state the state of the request that it should answer
*/
function readAuthorizationResponse(query, state) {
	const once = (name) => {
		const values = query.getAll(name);
		return values.length === 1 && values[0] !== "" ? values[0] : void 0;
	};
	const returned = once("state");
	if (returned === void 0 || !isSame(returned, state)) return { kind: "forged" };
	const error = once("error");
	if (error !== void 0) return {
		kind: "refused",
		error,
		description: once("error_description") ?? ""
	};
	const code = once("code");
	return code !== void 0 && /^[\x20-\x7e]+$/.test(code) ? {
		kind: "code",
		code
	} : { kind: "incomplete" };
}
/** Compares two texts, in a time that doesn't reveal where they differ. */
function isSame(one, other) {
	const digest = (text) => (0,node_crypto__WEBPACK_IMPORTED_MODULE_11__.createHash)("sha256").update(text).digest();
	return (0,node_crypto__WEBPACK_IMPORTED_MODULE_11__.timingSafeEqual)(digest(one), digest(other));
}
// src/cli/variables.ts
/** Actions variables, which are not secret. Rule 1: first proves that a token may write them. */
/** If there is no room for another variable, GitHub says so in its own words, which come before these. */
const perhapsFull = "GitHub limits the number of variables in one place: if this one is full, delete variables that nobody needs.";
/**
* Tests whether a token may write the variables of a place: creates one with a name that nobody else uses, and deletes it.
*
* @param beside what its name begins with
* @param tell reports it if the variable could not be deleted
* @returns GitHub's answer if it did not create the variable; `undefined`: the token may write
* @throws GitHubUnavailable
*/
async function tryToWrite(environment, store, beside, budget, tell) {
	const name = `${beside}_PROBE_${Math.floor(environment.random() * 1e9)}`;
	for (;;) {
		const made = await store.create(name, "box-token may write here", budget);
		if (made.kind === "answer") {
			if (made.last.status === 201 || made.last.status === 409) break;
			return made.last;
		}
		if (!await budget.pause(made.waitMs)) throw new GitHubUnavailable(made.last, made.waitMs);
	}
	for (;;) {
		const gone = await store.remove(name, budget);
		if (gone.kind === "answer" && (gone.last.status === 204 || gone.last.status === 404)) return void 0;
		if (gone.kind === "answer" || !await budget.pause(gone.waitMs)) {
			tell(`The variable ${name} was created to test the token and could not be deleted: please delete it.`);
			return;
		}
	}
}
/**
* Proves that a token may write the variables of a place: reads one, and writes another as a test.
*
* @param beside a secret of the same place, for failures to name
* @throws Failure `cannot-write-secret` or `github-unavailable`
*/
async function proveVariable(work, store, name, beside, tell) {
	const { environment, retryFor, narrator, tokenName, soFar } = work;
	const budget = new RetryBudget(environment, retryFor);
	const refused = (act, answer) => {
		const words = narrator.foreign(answer.message);
		const { permission } = store.place;
		const remedy = remedyFor(answer, askerAtTerminal(tokenName, permission));
		return new Failure("cannot-write-secret", {
			what: `GitHub answered ${answer.status} when ${tokenName} tried to ${act} the variable ${name} of ${store.place.name}${words === "" ? "" : ` ("${words}")`}${remedy ? `: ${remedy.reason}` : ""}.`,
			spent: soFar(),
			next: remedy?.next ?? (refusal(answer) ? `Also give ${tokenName} ${permission} for this place.${besidesPermission(answer)}` : "GitHub limits the number of variables in one place: if this one is full, delete variables that nobody needs.")
		});
	};
	try {
		const reading = await store.read(name, budget);
		if ("refused" in reading) throw refused("read", {
			...reading,
			status: reading.refused
		});
		const no = await tryToWrite(environment, store, name, budget, tell);
		if (no) throw refused("write", no);
		return {
			store,
			name,
			value: reading.value
		};
	} catch (error) {
		if (!(error instanceof GitHubUnavailable)) throw error;
		throw new Failure("github-unavailable", {
			what: `GitHub gave no usable answer: ${describeGitHub(subjectOf({
				...work,
				secret: beside
			}), error.last)}.`,
			spent: soFar(),
			next: "Run this again later. For outages, see https://www.githubstatus.com."
		});
	} finally {
		budget.end();
	}
}
/**
* Writes a proven variable, whether or not it exists.
*
* @returns why it could not be written, without a full stop; `undefined`: it was written
*/
async function writeVariable(work, { store, name }, value, beside) {
	const budget = new RetryBudget(work.environment, work.retryFor);
	for (let isThere = false;;) {
		const outcome = isThere ? await store.update(name, value, budget) : await store.create(name, value, budget);
		if (outcome.kind === "answer") {
			const { status } = outcome.last;
			if (status === 201 || status === 204) return void 0;
			if (status === 409) isThere = true;
			else return describeGitHub(subjectOf({
				...work,
				secret: beside
			}), outcome.last);
		} else if (!await budget.pause(outcome.waitMs)) return describeGitHub(subjectOf({
			...work,
			secret: beside
		}), outcome.last);
	}
}
// src/cli/login/callback-page.ts
/** The pages that this machine shows in the browser: self-contained, without scripts or anything to load. */
const style = `
:root { color-scheme: light dark; --ground: #f3f5f8; --card: #fff; --ink: #1a2230; --soft: #525d6e; --line: #d9dee6; --good: #17753a; --bad: #b3261e; --on-good: #fff }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12161c; --card: #1c222b; --ink: #edf1f6; --soft: #a9b4c2; --line: #333c48; --good: #6cd591; --bad: #ff9d94; --on-good: #08210f }
}
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; min-height: 100svh; display: grid; place-items: center; padding: 1.25rem; background: var(--ground); color: var(--ink); font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere }
main { width: 100%; max-width: 34rem; padding: clamp(1.5rem, 6vw, 2.75rem); background: var(--card); border: 1px solid var(--line); border-radius: 1rem }
svg { display: block; width: 3rem; height: 3rem; margin-bottom: 1.25rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
.good svg, .good h1 { color: var(--good) }
.bad svg, .bad h1 { color: var(--bad) }
h1 { margin: 0 0 .75rem; font-size: 1.5rem; line-height: 1.25; letter-spacing: -.01em; text-wrap: balance }
p, ul { margin: 0 0 .75rem }
ul { padding-left: 1.25rem }
code { display: inline-block; max-width: 100%; padding: 0 .3em; border-radius: .3em; background: var(--ground); font: .92em ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace }
button, .next { display: inline-block; margin: .75rem 0 0; padding: .7em 1.3em; border: 0; border-radius: .6em; background: var(--good); color: var(--on-good); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer }
button:focus-visible, .next:focus-visible { outline: 3px solid var(--ink); outline-offset: 3px }
footer { margin-top: 1.5rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9375rem }
`;
/** Seconds before the browser follows the link by itself. */
const secondsToRead = 10;
const symbols = {
	good: "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"m7.5 12.5 3 3 6-6.5\"/>",
	bad: "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M12 7v6\"/><path d=\"M12 16.5v.01\"/>",
	ask: "<circle cx=\"12\" cy=\"12\" r=\"10\"/><path d=\"M8 12h8\"/><path d=\"m12.5 8.5 3.5 3.5-3.5 3.5\"/>"
};
/** Allows the page's own style, and nothing else. */
const contentSecurityPolicy = [
	"default-src 'none'",
	`style-src 'sha256-${(0,node_crypto__WEBPACK_IMPORTED_MODULE_11__.createHash)("sha256").update(style).digest("base64")}'`,
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'"
].join("; ");
/**
* The policy of a page: a form may be sent to the server it is for, and nowhere else.
*
* @returns the value of `content-security-policy`
*/
function policyOf({ form }) {
	return form ? contentSecurityPolicy.replace("form-action 'none'", `form-action ${new URL(form.action).origin}`) : contentSecurityPolicy;
}
/** The page as HTML. */
function renderPage({ mood, title, paragraphs, list, form, link }) {
	const [first, ...others] = paragraphs.map((paragraph) => `<p>${withCode(paragraph)}</p>`);
	const blocks = [
		...first === void 0 ? [] : [first],
		...list ? [`<ul>${list.map((item) => `<li>${withCode(item)}</li>`).join("")}</ul>`] : [],
		...others,
		...form ? [renderForm(form)] : [],
		...link ? [`<a class="next" href="${escaped(link.href)}">${escaped(link.text)}</a>`] : []
	];
	return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">${link ? `\n<meta http-equiv="refresh" content="${secondsToRead};url=${escaped(link.href)}">` : ""}
<title>${escaped(title)}</title>
<style>${style}</style>
<body class="${mood}">
<main>
<svg viewBox="0 0 24 24" aria-hidden="true">${symbols[mood]}</svg>
<h1>${escaped(title)}</h1>
${blocks.join("\n")}
<footer>This page comes from <code>box-token login</code> on this computer.</footer>
</main>
`;
}
/** Only the form. */
function renderForm({ action, fields, button }) {
	const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`);
	return `<form method="post" action="${escaped(action)}">${inputs.join("")}<button>${escaped(button)}</button></form>`;
}
function withCode(text) {
	return escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}
function escaped(text) {
	return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;");
}
// src/cli/login/callback-server.ts
/**
* The server to which the browser comes back. It takes one answer from each service: on loopback only, at that service's
* path, and only from a browser that knows the state. It refuses everything else, and keeps waiting.
*/
/** Where Box sends the browser. */
const boxPath = "/callback";
/** Where GitHub sends it once an App is created. */
const gitHubPath = "/github-app";
/** The address of a path, for a browser on this machine. */
function localUrl(port, path) {
	return `http://localhost:${port}${path}`;
}
/** The redirect URI for a port, as it has to be registered for the Box app. */
function redirectUriOf(port) {
	return localUrl(port, boxPath);
}
/** `localhost` may mean either; a machine without IPv6 has only the first. */
const addresses = ["127.0.0.1", "::1"];
const absentAddress = /* @__PURE__ */ new Set([
	"EADDRNOTAVAIL",
	"EAFNOSUPPORT",
	"EINVAL"
]);
const headers = {
	"cache-control": "no-store",
	"x-content-type-options": "nosniff",
	connection: "close"
};
/** Waits for the browser. */
var CallbackServer = class CallbackServer {
	#port;
	#servers = [];
	#waiting = /* @__PURE__ */ new Map();
	#pages = /* @__PURE__ */ new Map();
	constructor(port) {
		this.#port = port;
	}
	/**
	* Starts to listen.
	*
	* @throws UsageError if the port is taken
	*/
	static async listen(port) {
		const server = new CallbackServer(port);
		try {
			for (const address of addresses) await server.#listenOn(address);
		} catch (error) {
			server.close();
			throw error;
		}
		return server;
	}
	/** Resolves with the one answer that counts. */
	answerAt(awaited) {
		return new Promise((resolve) => {
			this.#waiting.set(awaited.path, {
				awaited,
				resolve,
				isAnswered: false
			});
		});
	}
	/**
	* Serves a page from now on.
	*
	* @param path one that nobody can guess, if the page is meant for one person only
	*/
	showAt(path, page) {
		this.#pages.set(path, page);
	}
	/** Closes it at once, with all its connections. */
	close() {
		for (const server of this.#servers) {
			server.close();
			server.closeAllConnections();
		}
	}
	async #listenOn(host) {
		const port = this.#port;
		const server = (0,node_http__WEBPACK_IMPORTED_MODULE_8__.createServer)((request, response) => this.#answer(request, response));
		try {
			await new Promise((resolve, reject) => {
				server.once("error", reject);
				server.listen({
					host,
					port,
					ipv6Only: true
				}, resolve);
			});
		} catch (error) {
			const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
			if (host === "::1" && absentAddress.has(code)) return;
			throw new UsageError(`cannot listen on port ${port} (${code === "EADDRINUSE" ? "another program is using it" : code}): choose another port with --port, and add its redirect URI, such as ${redirectUriOf(port + 1)}, to your app in the Box Developer Console`);
		}
		this.#servers.push(server);
	}
	#answer(request, response) {
		const port = this.#port;
		const host = request.headers.host?.toLowerCase() ?? "";
		const [target = "", ...query] = (request.url ?? "").split("?");
		if (![
			"localhost",
			"127.0.0.1",
			"[::1]"
		].some((name) => host === `${name}:${port}` || port === 80 && host === name)) return refuse(response, 421, "Wrong address", "This page is only available at localhost.");
		const page = this.#pages.get(target);
		const waiting = this.#waiting.get(target);
		if (!page && !waiting) return refuse(response, 404, "There is nothing here", "Only Box and GitHub send your browser here.");
		if (request.method !== "GET") return refuse(response, 405, "There is nothing here", "This page can only be opened, not sent to.");
		if (page) send(response, 200, page);
		else if (waiting) this.#take(waiting, new URLSearchParams(query.join("?")), response);
	}
	#take(waiting, query, response) {
		const { read, service, isLast } = waiting.awaited;
		const answer = read(query);
		if (answer.kind === "forged" || answer.kind === "incomplete") return refuse(response, 400, "This answer was ignored", answer.kind === "forged" ? "It does not belong to what you started here (its state is missing or different). It may come from an older tab, or from a page that is trying to slip in somebody else's account." : `It contains neither a code nor an error from ${service}.`, "The command line is still waiting: continue with the address that it shows.");
		if (waiting.isAnswered) return refuse(response, 410, "This has ended already", "See the command line for the result.");
		waiting.isAnswered = true;
		if (isLast) for (const server of this.#servers) server.close();
		waiting.resolve({
			response: answer,
			isPasted: false,
			show: (page) => send(response, page.mood === "good" ? 200 : 400, page)
		});
	}
};
function refuse(response, status, title, ...paragraphs) {
	if (status === 405) response.setHeader("allow", "GET");
	send(response, status, {
		mood: "bad",
		title,
		paragraphs
	});
}
/** How long a browser may take to fetch its page before the command goes on, in milliseconds. */
const longestSendMs = 2e3;
/** Resolves when the browser has the page, or is gone. */
function send(response, status, page) {
	return new Promise((resolve) => {
		if (response.destroyed) return resolve();
		response.once("close", resolve);
		setTimeout(resolve, longestSendMs).unref();
		response.writeHead(status, {
			...headers,
			"content-security-policy": policyOf(page),
			"referrer-policy": page.form ? "origin" : "no-referrer",
			"content-type": "text/html; charset=utf-8"
		});
		response.end(renderPage(page));
	});
}
/**
* Waits for the answer.
*
* @param introduce tells the person what to do; called once an answer can be received
* @throws UsageError if none comes in time
*/
async function awaitAnswer(terminal, { clock }, awaiting, introduce) {
	const { server, state, tooLate } = awaiting;
	const answer = server.answerAt({
		...awaiting,
		read: (query) => readAuthorizationResponse(query, state)
	});
	await introduce();
	const over = new AbortController();
	const late = async () => {
		await clock.sleep(9e5, over.signal);
		throw new UsageError(tooLate());
	};
	try {
		return await Promise.race([
			answer,
			pasted(terminal, awaiting, over.signal),
			late()
		]);
	} finally {
		over.abort();
	}
}
/** Reads pasted lines until one is the answer. It says what is wrong with any other line, and keeps waiting. */
async function pasted({ readLines, tell }, { port, path, state, service, subject }, signal) {
	for await (const line of readLines(signal)) {
		const text = line.trim();
		if (text === "") continue;
		if (!URL.canParse(text)) {
			tell(`That is not an address. Paste the whole address from the browser's address bar: ${localUrl(port, path)}?\u2026`);
			continue;
		}
		const response = readAuthorizationResponse(new URL(text).searchParams, state);
		if (response.kind === "forged") tell(`That address does not belong to this ${subject} (its "state" is missing or different). Still waiting.`);
		else if (response.kind === "incomplete") tell(`That address contains neither a code nor an error from ${service}. Still waiting.`);
		else return {
			response,
			isPasted: true,
			show: () => Promise.resolve()
		};
	}
	return new Promise(() => {});
}
// src/cli/programs.ts
/**
* Finds other programs. Windows looks in the current folder first, and `login` is meant to be run inside a clone, whose
* files somebody else may have written. So we look only in the folders on PATH, and start programs by their full path.
*/
/** Whether a file exists and may be executed. */
const isProgram = (file) => {
	try {
		(0,node_fs__WEBPACK_IMPORTED_MODULE_2__.accessSync)(file, node_fs__WEBPACK_IMPORTED_MODULE_2__.constants.X_OK);
		return (0,node_fs__WEBPACK_IMPORTED_MODULE_2__.statSync)(file).isFile();
	} catch {
		return false;
	}
};
/**
* Finds a program.
*
* @param name without a folder and, on Windows, without `.exe`: other kinds of files cannot be started without a shell
* @param variables the environment; on Windows, its names are case-insensitive
* @returns its full path; `undefined` if there is none. Relative folders on PATH are skipped: they depend on the current
*   folder
*/
function findProgram(name, platform, variables, exists = isProgram) {
	const isWindows = platform === "win32";
	const path = isWindows ? node_path__WEBPACK_IMPORTED_MODULE_3__.win32 : node_path__WEBPACK_IMPORTED_MODULE_3__.posix;
	return (valueOf("PATH", isWindows, variables) ?? "").split(path.delimiter).map((folder) => isWindows ? folder.replace(/^"(.*)"$/, "$1") : folder).filter((folder) => path.isAbsolute(folder) && (!isWindows || /^(?:[a-z]:[\\/]|[\\/]{2})/i.test(folder))).map((folder) => path.join(folder, isWindows ? `${name}.exe` : name)).find(exists);
}
/**
* Finds a program that is part of Windows, in `%SystemRoot%\System32`.
*
* @returns its full path; `undefined` if the variable names no folder
*/
function windowsProgram(name, variables) {
	const root = valueOf("SystemRoot", true, variables) ?? "";
	return /^[a-z]:[\\/]/i.test(root) ? node_path__WEBPACK_IMPORTED_MODULE_3__.win32.join(root, "System32", `${name}.exe`) : void 0;
}
function valueOf(name, isWindows, variables) {
	if (!isWindows) return variables[name];
	const spelled = Object.keys(variables).find((key) => key.toUpperCase() === name.toUpperCase());
	return spelled === void 0 ? void 0 : variables[spelled];
}
// src/cli/login/browser.ts
/** The program that opens an address; `undefined` if there is no screen to show it on. */
function openerOf(platform, variables) {
	if (platform === "darwin") return ["open"];
	if (platform === "win32") {
		const program = windowsProgram("rundll32", variables);
		return program === void 0 ? void 0 : [program, "url.dll,FileProtocolHandler"];
	}
	return variables["DISPLAY"] || variables["WAYLAND_DISPLAY"] ? ["xdg-open"] : void 0;
}
/** @returns whether a browser was told to open the address */
async function openBrowser({ launch, variables }, platform, url) {
	const opener = openerOf(platform, variables);
	if (!opener) return false;
	const [program, ...args] = opener;
	return launch(program, [...args, url]);
}
// src/cli/login/manifest.ts
/** The manifest from which GitHub creates an App (GitHub Docs, "Registering a GitHub App from a manifest"). */
/** The maximum length of an App's name, in characters. */
const longestName = 34;
const namePrefix = "Box token of ";
/**
* A manifest for a private App without a webhook, with no more permissions than the place needs.
*
* @returns its name, with a random ending because it must be unique on the whole server, and the JSON
*/
function appManifest({ target, stateVariable, server, redirectUrl }) {
	const { owner, repo, organization } = target;
	const where = repo === "" ? organization ?? owner : repo;
	const random = (0,node_crypto__WEBPACK_IMPORTED_MODULE_11__.randomBytes)(3).toString("hex");
	const name = `${`${namePrefix}${where}`.slice(0, longestName - random.length - 1)} ${random}`;
	const manifest = {
		name,
		url: repo === "" ? `${server.url}/${organization ?? owner}` : `${server.url}/${owner}/${repo}`,
		description: "Lets a workflow store the new Box refresh token.",
		redirect_url: redirectUrl,
		public: false,
		default_permissions: appPermissions(target, stateVariable)
	};
	return {
		name,
		json: JSON.stringify(manifest)
	};
}
// src/cli/login/workflow.ts
/** What distinguishes the workflow for a second app from the first. */
function suffixOf({ secretName }) {
	return secretName === usualName ? "" : `-${secretName.toLowerCase().replaceAll("_", "-")}`;
}
const usualName = "BOX_REFRESH_TOKEN";
/** Where the workflow belongs. */
function workflowPath(target) {
	return `.github/workflows/box-token${suffixOf(target)}.yml`;
}
/** Its name, as the Actions page shows it. */
const workflowName = "Keep the Box token alive";
/** This action, as a workflow refers to it. */
const action = "owner/box-token-action@v1";
/** The action that creates the App's token, as a workflow refers to it. */
const appTokenAction = "actions/create-github-app-token@1b10c78c7865c340bc4f6099eb2f838309f1e8c3 # v3.1.1";
/** The permissions for which `actions/create-github-app-token` has inputs; without any, the token gets all of the App's. */
const narrowable = /* @__PURE__ */ new Set([
	"secrets",
	"environments",
	"organization_secrets",
	"actions"
]);
/** The App's token, as the next step reads it. */
const appToken = "${{ steps.app.outputs.token }}";
/** The step that creates the App's token. */
function appStep(target, stateVariable) {
	const wanted = Object.entries(appPermissions(target, stateVariable)).filter(([name]) => name !== "metadata");
	const permissions = wanted.every(([name]) => narrowable.has(name)) ? wanted.map(([name, level]) => `permission-${name.replaceAll("_", "-")}: ${level}`) : ["# no permission- inputs: there is none for variables, and the App has no other permissions"];
	return [
		"- id: app",
		`  uses: ${appTokenAction}`,
		"  with:",
		...[
			`client-id: \${{ vars.${appClientIdName} }}`,
			`private-key: \${{ secrets.${appKeyName} }}`,
			...target.organization === void 0 ? [] : [`owner: ${quoted(target.organization)}`],
			...permissions
		].map((line) => `    ${line}`)
	];
}
/** The whole file. */
function keepAliveWorkflow({ target, names, boxApiUrl, stateVariable, writesWith }) {
	const { environment, organization, secretName } = target;
	const secret = (name) => `\${{ secrets.${name} }}`;
	const job = environment === void 0 ? [] : [`environment: ${quoted(environment)}`];
	const place = [
		...environment === void 0 ? [] : [`environment: ${quoted(environment)}`],
		...organization === void 0 ? [] : [`organization: ${quoted(organization)}`],
		...secretName === usualName ? [] : [`secret-name: ${quoted(secretName)}`],
		...stateVariable === void 0 ? [] : [`state-variable: ${quoted(stateVariable)}`],
		...boxApiUrl === void 0 ? [] : [`box-api-url: ${quoted(boxApiUrl)}`]
	];
	const indented = (lines, by) => lines.map((line) => `${" ".repeat(by)}${line}\n`).join("");
	return `name: ${workflowName}

on:
  schedule:
    - cron: '17 3 * * 1' # every Monday, not on the hour, when GitHub is busiest
  workflow_dispatch:

permissions: {} # ${writesWith === "app" ? "the App's token" : names.writeToken} is all it needs

concurrency: box-token${suffixOf(target)} # one run at a time: a refresh token works only once

jobs:
  box:
    runs-on: ubuntu-latest
    timeout-minutes: 15
${indented(job, 4)}    steps:
${writesWith === "app" ? indented(appStep(target, stateVariable), 6) : ""}      - id: box
        uses: ${action}
        with:
          client-id: ${secret(names.clientId)}
          client-secret: ${secret(names.clientSecret)}
          refresh-token: ${secret(secretName)}
          github-token: ${writesWith === "app" ? appToken : secret(names.writeToken)}
${indented(place, 10)}          verify: true
`;
}
/** A YAML scalar, unquoted only if it cannot be read as anything but text. */
function quoted(text) {
	return /^[A-Za-z][\w./-]*$/.test(text) && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text) ? text : `'${text.replaceAll("'", "''")}'`;
}
// src/cli/login/result.ts
/** What went wrong, in short paragraphs. */
function inParagraphs(error) {
	if (error instanceof Failure) return [
		error.what,
		error.spent,
		error.next
	];
	if (error instanceof UsageError) return [capital(error.message)];
	return ["See the command line for what happened."];
}
/** The page after a successful sign-in. */
function successPage(place, user) {
	return {
		mood: "good",
		title: "Signed in to Box",
		paragraphs: [`${user ? `${user.name} (${user.login}) is signed in to Box` : "You are signed in to Box"}, and the secrets are stored in ${place.replace(/\S+$/, "`$&`")}.`, "You can close this page. The command line shows the workflow to copy."]
	};
}
/** The page after a failure. */
function failurePage(title, words) {
	return {
		mood: "bad",
		title,
		paragraphs: [...words, "You can close this page. The command line says the same."]
	};
}
/** The workflow is the result; everything else goes to standard error, so that the result can be piped into a file. */
function printResult(terminal, finishing, { stored, user }) {
	const { plan, prepared, gitHubApp, json } = finishing;
	const { tell, print } = terminal;
	const { place } = prepared.refreshToken.secret;
	const path = workflowPath(plan.target);
	const usualBox = plan.boxApiUrl === "https://api.box.com";
	const content = keepAliveWorkflow({
		...plan,
		boxApiUrl: usualBox ? void 0 : plan.boxApiUrl,
		writesWith: prepared.writer.kind
	});
	const writeToken = stateOf(prepared);
	if (user) tell(`Signed in to Box as ${user.name} (${user.login}).`);
	tell(`Stored in ${place.name}: ${stored.join(", ")}.`);
	if (writeToken === "kept") tell(`${writeTokenName} exists already and stays as it is. To replace it, run this again with the new one in the environment.`);
	if (writeToken === "missing") {
		tell(`${writeTokenName} is still missing.`);
		howToMake(plan).forEach(tell);
		tell(`Then run this again with it in the environment, or store it as the secret ${writeTokenName} of ${place.name}.`);
	}
	tell(`Save the workflow as ${path}, commit it, and start it once by hand ("${workflowName}" on the Actions page).`);
	if (json) {
		const workflow = {
			path,
			content
		};
		print(JSON.stringify({
			stored,
			place: place.name,
			user: user ?? null,
			writeToken,
			gitHubApp,
			workflow
		}));
	} else {
		tell("");
		print(content.trimEnd());
	}
}
/** What became of the write token. A workflow that writes with an App needs none. */
function stateOf({ writer }) {
	if (writer.kind === "app") return "not-needed";
	if (writer.newToken !== void 0) return "stored";
	return writer.secret.metadata === void 0 ? "missing" : "kept";
}
// src/cli/login/app.ts
/**
* A GitHub App for the workflow to write with, so that nobody has to create a token, and none expires. Its private key goes
* straight from GitHub's answer into the secret: never to a disk, a screen or an argument.
*
* If the command stops halfway, it says what is left. It proves that it can write the secret and the variable before it
* opens a browser (rule 1), and from the manifest's code to the end of the store, Ctrl-C waits.
*/
/** Milliseconds between two checks whether the App is installed. */
const pollMs = 3e3;
/**
* Creates the App, or takes an existing one, stores its credentials, and waits until it is installed.
*
* @throws Failure or UsageError
*/
async function setUpApp(terminal, world, setUp) {
	const site = await lookAround(setUp);
	switch (setUp.writer.how) {
		case "kept": return keptApp(terminal, setUp, site);
		case "existing": return existingApp(terminal, world, setUp, site);
		case "new": return newApp(terminal, world, setUp, site);
	}
}
/** Finds out who owns the repository: only its owner can install a private App, so both must have the same owner. */
async function lookAround({ plan, work, writer }) {
	const { owner, repo, organization } = plan.target;
	const gitHub = serverOf(plan.apiUrl);
	if (organization !== void 0) return {
		gitHub,
		organization,
		installation: {
			owner: organization,
			repo
		}
	};
	const facts = await askGitHub(work, writer.key.secret, (budget) => readRepository(work.client, {
		owner,
		repo
	}, budget));
	if ("refused" in facts) throw refusedBy(work, writer.key.secret, "look at", facts);
	if ("renamed" in facts) throw new UsageError(`the repository ${owner}/${repo} ${facts.to === void 0 ? "has been renamed" : `is now called ${work.narrator.foreign(facts.to)}`}: give its new name with --repo. ${work.soFar()}`);
	return {
		gitHub,
		organization: facts.isOfOrganization ? owner : void 0,
		installation: {
			owner,
			repo
		}
	};
}
function keptApp({ tell }, { plan, writer }, { gitHub, organization }) {
	const clientId = writer.clientId.value ?? "";
	tell(`The GitHub App ${clientId} is set up already (secret ${appKeyName}, variable ${appClientIdName}) and is kept. If it is not installed on ${reachOf(plan)} yet, install it from ${settingsUrl(gitHub, organization)}. To create another one, use --github-app new.`);
	return {
		clientId,
		slug: void 0,
		how: "kept"
	};
}
/** What the App has to be installed on, in words. */
function reachOf({ target: { owner, repo, organization } }) {
	return repo === "" ? `the repositories of ${organization ?? owner} that use the token` : `${owner}/${repo}`;
}
async function existingApp(terminal, world, setUp, site) {
	const { plan, work, writer } = setUp;
	const credentials = await readAppCredentials(terminal);
	const session = new AppSession({
		network: world.network,
		apiUrl: plan.apiUrl
	}, credentials);
	const facts = await askGitHub(work, writer.key.secret, (budget) => session.facts(budget));
	if ("refused" in facts) throw refusedApp(work, `GitHub does not accept the key of the App ${credentials.clientId}`, facts, `Check that ${appClientIdName} and ${appKeyName} belong to the same App, and that the key was not deleted.`);
	const { slug } = facts;
	expectOwner(setUp, site, facts.owner, slug);
	const installed = await installationOf(setUp, session, site);
	if (installed) judge(setUp, site, installed);
	else await awaitInstallation(terminal, world, setUp, site, session, slug, true);
	await terminal.interruption.hold(() => store$1(terminal, setUp, site, credentials, {
		slug,
		isNew: false
	}), () => terminal.tell("Not stopping yet: the key of the App is being stored."));
	return {
		clientId: credentials.clientId,
		slug,
		how: "existing"
	};
}
async function newApp(terminal, world, setUp, site) {
	const { plan, work, writer } = setUp;
	const { callback, name } = await awaitApp(terminal, world, setUp, site);
	const { response } = callback;
	try {
		if (response.kind === "refused") throw new UsageError(`GitHub answered "${work.narrator.foreign(response.error)}" instead of a code. ${work.soFar()} Run this again.`);
		const made = await terminal.interruption.hold(async () => {
			const app = await exchange(world, setUp, site, response.code, name);
			expectOwner(setUp, site, app.owner, app.slug);
			await store$1(terminal, setUp, site, app, {
				slug: app.slug,
				isNew: true
			});
			return app;
		}, () => terminal.tell("Not stopping yet: the key of the App that GitHub has just created must be stored first."));
		const { slug, moment } = made;
		terminal.tell(`Created the GitHub App "${terminal.redactor.foreign(made.name)}" and stored its key in ${writer.key.secret.place.name}.`);
		await callback.show(installPage(plan, installUrl(site.gitHub, slug)));
		await awaitInstallation(terminal, world, setUp, site, new AppSession({
			network: world.network,
			apiUrl: plan.apiUrl
		}, made, moment), slug, callback.isPasted);
		return {
			clientId: made.clientId,
			slug,
			how: "new"
		};
	} catch (error) {
		await callback.show(failurePage("The GitHub App was not set up", inParagraphs(error).map((text) => terminal.redactor.redact(text))));
		throw error;
	}
}
/** Sends the person to GitHub with the manifest, and waits for the code that comes back. */
async function awaitApp(terminal, world, { plan, server }, { gitHub, organization }) {
	const { tell, show, bold, interruption } = terminal;
	const { target, stateVariable, port } = plan;
	const state = newState();
	const back = localUrl(port, gitHubPath);
	const { name, json } = appManifest({
		target,
		stateVariable,
		server: gitHub,
		redirectUrl: back
	});
	const form = {
		action: newAppUrl(gitHub, organization, state),
		fields: { manifest: json },
		button: "Continue on GitHub"
	};
	const path = `${gitHubPath}/${(0,node_crypto__WEBPACK_IMPORTED_MODULE_11__.randomBytes)(16).toString("base64url")}`;
	server.showAt(path, {
		mood: "ask",
		title: "Create a GitHub App",
		paragraphs: [`GitHub will ask you to create the App \`${name}\`. It belongs to you: nobody else can install it, and it has no webhook. Its permissions are:`, `After that, you install it on ${repositoryInCode(plan)} and sign in to Box.`],
		list: permissionsOnLines(appPermissions(target, stateVariable)),
		form
	});
	const whose = organization === void 0 ? `Make sure that you are signed in to GitHub as ${target.owner}.` : `If GitHub does not let you create Apps for ${organization}, ask one of its owners to run this, or use a personal access token (\`box-token login\` without --github-app).`;
	const maybeMade = `If GitHub has created the App in the meantime, delete it: ${settingsUrl(gitHub, organization)}`;
	const before = interruption.aftermath;
	interruption.aftermath = `${before} ${maybeMade}`;
	const callback = await awaitAnswer(terminal, world, {
		server,
		port,
		path: gitHubPath,
		service: "GitHub",
		subject: "set-up",
		state,
		isLast: false,
		tooLate: () => `no App was created within 15 minutes. ${before} ${maybeMade}. ${whose} Then run this again.`
	}, async () => {
		const url = localUrl(port, path);
		const opened = plan.browser && await openBrowser(terminal, world.platform, url);
		tell(opened ? "Your browser is opening a page that creates the GitHub App. If it does not open, go to this address:" : "Open this address in a browser on this machine to create the GitHub App:");
		tell("");
		show(`  ${bold(url)}`);
		tell("");
		if (!opened) {
			tell(`If your browser is on another machine, open this whole address there. The browser ends up at an address that it cannot open (${back}?\u2026): paste that one here.`);
			tell("");
			show(`  ${pageInAddress(form)}`);
			tell("");
		}
		tell(whose);
		tell("Waiting for GitHub \u2026");
	});
	interruption.aftermath = before;
	return {
		callback,
		name
	};
}
/** The page as a data: address, for a browser that cannot reach this machine. */
function pageInAddress(form) {
	return `data:text/html;base64,${Buffer.from(`<!doctype html><meta charset="utf-8">${renderForm(form)}`).toString("base64")}`;
}
function repositoryInCode(plan) {
	return plan.target.repo === "" ? reachOf(plan) : `\`${reachOf(plan)}\``;
}
/** Exchanges the code for the App. If the answer is lost, there is an App whose key nobody has. */
async function exchange(world, { plan, work, writer }, { gitHub, organization }, code, name) {
	const client = new GitHubClient({
		network: world.network,
		apiUrl: plan.apiUrl,
		token: void 0
	});
	const deleteIt = `delete the App "${name}", whose key nobody has (${settingsUrl(gitHub, organization)}, "Advanced")`;
	const converted = await askGitHub({
		...work,
		soFar: () => `${work.soFar()} If GitHub has created the App, ${deleteIt}.`
	}, writer.key.secret, (budget) => convertManifest(client, code, budget, (secret) => work.narrator.mask(secret)));
	if (converted.kind === "app") return converted.app;
	const why = converted.answerLost ? "an earlier answer was lost, and the code works only once" : "it was used already, is unknown, or is older than an hour";
	throw new UsageError(`GitHub refused the code of the manifest (it answered ${quotedAnswer(work, {
		refused: converted.status,
		message: converted.message
	})}): ${why}. ${work.soFar()} Run this again, and ${deleteIt}.`);
}
function quotedAnswer({ narrator }, { refused, message }) {
	const words = narrator.foreign(message);
	return words === "" ? String(refused) : `${refused}, "${words}"`;
}
/** An App of another account can never be installed here, so refuse it. */
function expectOwner({ plan, work, writer }, site, owner, slug) {
	const wanted = site.installation.owner;
	if (owner.toLowerCase() === wanted.toLowerCase()) return;
	const its = work.narrator.foreign(owner);
	const settings = settingsUrl(site.gitHub, void 0, slug);
	throw new UsageError(writer.how === "new" ? `the App was created for ${its}, but only an App that ${wanted} owns can be installed on ${reachOf(plan)}. ${work.soFar()} Delete it (${settings}/advanced), sign in to GitHub as ${wanted}, and run this again.` : `the App belongs to ${its}, but only an App that ${wanted} owns can be installed on ${reachOf(plan)}. ${work.soFar()}`);
}
/** Stores the key in the secret and the client id in the variable. */
async function store$1(terminal, { plan, work, place, writer }, { gitHub, organization }, { clientId, privateKey }, { slug, isNew }) {
	const { key } = writer;
	const where = key.secret.place.name;
	const settings = settingsUrl(gitHub, organization, slug);
	const written = await writeSecret(work, place, key, privateKey);
	if ("problem" in written) throw new Failure("secret-not-written", {
		what: `The key of the GitHub App could not be stored in the ${key.secret.title}: ${written.problem}.`,
		spent: work.soFar(),
		next: isNew ? `Delete the App, whose key nobody has (${settings}/advanced), and run this again.` : "Run this again."
	});
	const problem = await writeVariable(work, writer.clientId, clientId, key.secret);
	if (problem !== void 0) throw new Failure("secret-not-written", {
		what: `The client id of the GitHub App could not be stored in the variable ${appClientIdName} of ${where}: ${problem}.`,
		spent: `Its key is stored in the ${key.secret.title}.`,
		next: `Set the variable to ${clientId} in the settings on GitHub, and run this again.`
	});
	const stored = `Stored in ${where}: the secret ${appKeyName} and the variable ${appClientIdName}.`;
	terminal.interruption.aftermath = isNew ? `The GitHub App was created. ${stored} To go on, install it on ${reachOf(plan)} (${installUrl(gitHub, slug)}) and run this again, or delete it (${settings}/advanced).` : stored;
}
async function installationOf({ work, writer }, session, { installation }) {
	const answer = await askGitHub(work, writer.key.secret, (budget) => session.installation(installation, budget));
	if (!("refused" in answer)) return answer;
	if (answer.refused === 404) return void 0;
	throw refusedApp(work, "GitHub does not let the App see where it is installed", answer, "Check the App in its settings, and run this again.");
}
/** GitHub's refusal to answer an App that asks about itself. */
function refusedApp(work, what, answer, otherwise) {
	const remedy = remedyFor(answer, {
		token: "the App",
		wanted: "a GitHub App",
		machine: "this machine",
		again: "run this again"
	});
	const reason = remedy ? `: ${remedy.reason}` : "";
	return new UsageError(`${what} (it answered ${quotedAnswer(work, answer)})${reason}. ${work.soFar()} ${remedy?.next ?? otherwise}`);
}
/** Sends the person to the page that installs the App, and checks until it is installed. */
async function awaitInstallation(terminal, world, setUp, site, session, slug, opensBrowser) {
	const { plan } = setUp;
	const { tell, show, bold, interruption } = terminal;
	const url = installUrl(site.gitHub, slug);
	tell(opensBrowser && plan.browser && await openBrowser(terminal, world.platform, url) ? `Your browser is opening the page that installs the App. Choose ${choiceOf(plan)}. If the page does not open, go to this address:` : `Install the App at this address. Choose ${choiceOf(plan)}:`);
	tell("");
	show(`  ${bold(url)}`);
	tell("");
	tell("Waiting for the App to be installed \u2026");
	const endsAt = world.clock.monotonic() + 9e5;
	for (;;) {
		const installed = await installationOf(setUp, session, site);
		if (installed) {
			judge(setUp, site, installed);
			if (installed.isEverywhere && plan.target.organization === void 0) tell(`Warning: the App is installed on all repositories of ${site.installation.owner}, but ${plan.target.owner}/${plan.target.repo} is enough.`);
			const { aftermath } = interruption;
			interruption.aftermath = aftermath.replace(/ To go on, install it .*$/, "");
			tell("The App is installed.");
			return;
		}
		if (world.clock.monotonic() >= endsAt) throw new UsageError(`the App was not installed within 15 minutes. ${interruption.aftermath}`);
		await world.clock.sleep(pollMs);
	}
}
function choiceOf(plan) {
	return plan.target.repo === "" ? reachOf(plan) : `"Only select repositories", then ${reachOf(plan)}`;
}
/** Refuses an installation that is suspended, or lacks a permission that the workflow will ask for. */
function judge({ plan, work }, { gitHub, organization }, found) {
	const settings = settingsUrl(gitHub, organization, found.slug);
	if (found.isSuspended) throw new UsageError(`the App is suspended for ${reachOf(plan)}: unsuspend it on its installation page (${settings}/installations), then run this again. ${work.soFar()}`);
	const missing = missingPermissions(appPermissions(plan.target, plan.stateVariable), found.permissions);
	if (Object.keys(missing).length > 0) throw new UsageError(`the App lacks ${permissionsInWords(missing)}: add that on ${settings}/permissions, accept it on the installation page, then run this again. ${work.soFar()}`);
}
/** The page to show once the App is created. */
function installPage(plan, url) {
	return {
		mood: "good",
		title: "GitHub App created",
		paragraphs: ["Its private key is stored in the secret. There is nothing to copy.", `Now install it: choose \`Only select repositories\`, then ${repositoryInCode(plan)}. The command line is waiting for that, and then continues with Box.`],
		link: {
			href: url,
			text: "Install it on GitHub"
		}
	};
}
// src/cli/login/await-login.ts
/** Waits for the person to sign in to Box. */
/**
* Sends the person to Box and waits for what comes back.
*
* @throws UsageError if nothing does in time
*/
async function awaitLogIn(terminal, world, logIn) {
	const { request, server, port, browser } = logIn;
	const { tell, show, interruption } = terminal;
	const url = authorizationUrl(request);
	return awaitAnswer(terminal, world, {
		server,
		port,
		path: boxPath,
		service: "Box",
		subject: "sign-in",
		state: request.state,
		isLast: true,
		tooLate: () => `nobody signed in within 15 minutes. ${interruption.aftermath} Run this again. If Box showed an error, check the client id and the redirect URIs of your Box app.`
	}, async () => {
		const opened = browser && await openBrowser(terminal, world.platform, url);
		tell(opened ? "Your browser is opening Box. If it does not open, go to this address:" : "Open this address in a browser and grant access:");
		tell("");
		show(`  ${terminal.bold(url)}`);
		tell("");
		tell(`If Box shows "redirect_uri_mismatch", add ${request.redirectUri} to the redirect URIs of your Box app (Developer Console, Configuration), save, and open the address again.`);
		tell(`If your browser is on another machine, it ends up at an address that it cannot open (${request.redirectUri}?\u2026). Paste that address here at once: it is valid for only 30 seconds.`);
		tell("Waiting for Box \u2026");
	});
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
// src/cli/sharing.ts
/** `--state-variable`: what the commands do with the state through which jobs share a token. */
/**
* Reads `--state-variable`.
*
* @throws UsageError
*/
function readStateVariable(flags) {
	return parsed(flags, "state-variable", parseStateVariable);
}
/** The means to work on the shared state, for a person who wants to know what the command is waiting for. */
function sharingFor({ tell }, { environment, narrator, retryFor }, client, { target, stateVariable: name, clientId, secrets }) {
	const variables = variablesOf(client, target);
	return {
		environment,
		narrator: {
			...narrator,
			info: tell,
			warning: (line) => tell(`Warning: ${line}`)
		},
		retryFor,
		secret: secretOf(client, target),
		variables,
		seal: {
			secrets,
			clientId,
			place: variables.place,
			name
		}
	};
}
/**
* Rule 1: proves, before anything else happens, that a token may read and write the state and its claims. It reads them,
* and writes another variable as a test.
*
* @throws Failure `cannot-write-secret`, `github-unavailable` or, if a newer version wrote the state, `bad-input`
*/
async function proveSharing(sharing, tokenName, soFar) {
	const { environment, retryFor, variables, seal } = sharing;
	const budget = new RetryBudget(environment, retryFor);
	try {
		await Promise.all([readState(sharing, budget), listClaims(sharing, budget)]);
		const tell = (line) => sharing.narrator.info(line);
		const no = await tryToWrite(environment, variables, seal.name, budget, tell);
		if (no) throw notWritten(sharing, no);
	} catch (error) {
		if (error instanceof Failure) {
			const { code, what, next } = error;
			const { permission } = variables.place;
			const refused = error instanceof RefusedByGitHub ? error.answer : void 0;
			const mine = (refused && remedyFor(refused, askerAtTerminal(tokenName, permission)))?.next ?? (code === "cannot-write-secret" ? `Also give ${tokenName} ${permission} for this place.${refused ? besidesPermission(refused) : ""}` : next);
			throw new Failure(code, {
				what,
				spent: soFar(),
				next: mine
			});
		}
		if (!(error instanceof GitHubUnavailable)) throw error;
		throw new Failure("github-unavailable", {
			what: `GitHub gave no usable answer about the ${titleOf$1(sharing)}: ${describeGitHub(subjectOf(sharing), error.last)}.`,
			spent: soFar(),
			next: "Run this again later. For outages, see https://www.githubstatus.com."
		});
	} finally {
		budget.end();
	}
}
/** GitHub's refusal of the test variable. */
function notWritten(sharing, answer) {
	const no = refusal(answer);
	if (no) return cannotUseVariable(sharing, "write", no);
	const words = sharing.narrator.foreign(answer.message);
	return new Failure("github-unavailable", {
		what: `GitHub answered ${answer.status} when this command tried to write a variable beside the ${titleOf$1(sharing)}${words === "" ? "" : ` ("${words}")`}.`,
		spent: nothingSpent,
		next: perhapsFull
	});
}
// src/cli/login/plan.ts
/** The flags of `box-token login`, checked. */
const visibilities = [
	"all",
	"private",
	"selected"
];
/**
* Reads the flags; asks to confirm a repository that comes from the git remote.
*
* @throws UsageError
*/
async function readPlan(terminal, flags) {
	const prefix = parsed(flags, "prefix", (text) => parseSecretName(text.replace(/_$/, ""))) ?? "BOX";
	const target = await readTarget(terminal, flags, `${prefix}_REFRESH_TOKEN`, "confirm");
	const names = {
		clientId: `${prefix}_CLIENT_ID`,
		clientSecret: `${prefix}_CLIENT_SECRET`,
		writeToken: writeTokenName
	};
	const all = [
		target.secretName,
		...Object.values(names),
		appKeyName
	].map((name) => name.toUpperCase());
	if (new Set(all).size < all.length) throw new UsageError(`--secret-name or --prefix gives two secrets the same name: ${all.join(", ")}`);
	return {
		target,
		names,
		apiUrl: readGitHubApiUrl(terminal, flags) ?? "https://api.github.com",
		boxApiUrl: readBoxApiUrl(flags),
		accountUrl: parsed(flags, "box-account-url", parseApiUrl) ?? "https://account.box.com",
		port: parsed(flags, "port", (text) => parseWholeNumber(text, 1, 65535)) ?? 3e3,
		browser: flags["browser"] !== false,
		createEnvironment: flags["create-environment"] === true,
		visibility: parsed(flags, "visibility", (text) => visibilities.find((one) => one === text)),
		stateVariable: readStateVariable(flags),
		gitHubApp: readGitHubApp(flags)
	};
}
function readGitHubApp(flags) {
	const given = flags["github-app"];
	if (given === void 0 || given === false) return void 0;
	if (given === true || given === "") return "any";
	if (given === "new" || given === "existing") return given;
	throw new UsageError("--github-app takes no value, \"new\" or \"existing\"; the client id and the key come from the environment");
}
// src/github/environments.ts
/** Deployment environments of a repository, as `login` needs them: look for one, create one. */
const route = "/repos/{owner}/{repo}/environments/{environment_name}";
function parametersOf({ owner, repo, environment }) {
	return {
		owner,
		repo,
		environment_name: environment
	};
}
/**
* Looks for an environment (`GET \u2026/environments/{environment_name}`; fine-grained permission "Actions: Read").
*
* @throws GitHubUnavailable
*/
async function lookAtEnvironment(client, name, budget) {
	return client.request({
		route: `GET ${route}`,
		parameters: parametersOf(name)
	}, budget, (reply) => reply.status === 200 ? "there" : refusal(reply));
}
/**
* Creates an environment without protection rules (`PUT \u2026/environments/{environment_name}`; fine-grained permission
* "Administration: Read and write"). Only for an environment that does not exist: it would reset the rules of one that does.
*
* @returns `created`, or GitHub's refusal; 422 is for a repository whose plan does not include environments
* @throws GitHubUnavailable
*/
async function createEnvironment(client, name, budget) {
	return client.request({
		route: `PUT ${route}`,
		parameters: parametersOf(name)
	}, budget, (reply) => {
		if (reply.status === 200) return "created";
		return reply.status === 422 ? {
			refused: 422,
			message: reply.message
		} : refusal(reply);
	});
}
/**
* Reads the id of a repository (`GET /repos/{owner}/{repo}`; fine-grained permission "Metadata: Read").
*
* @throws GitHubUnavailable
*/
async function repositoryId(client, { owner, repo }, budget) {
	const request = {
		route: "GET /repos/{owner}/{repo}",
		parameters: {
			owner,
			repo
		}
	};
	return client.request(request, budget, (reply) => {
		const id = reply.status === 200 && isRecord(reply.data) ? reply.data["id"] : void 0;
		return typeof id === "number" ? { id } : refusal(reply);
	});
}
// src/cli/login/prepare.ts
/**
* Proves everything, and creates the environment if it is missing and wanted.
*
* @throws Failure or UsageError; no secret has been written then
*/
async function prepare(terminal, world, plan, app, work) {
	const { target, names, stateVariable } = plan;
	const secrets = {
		clientSecret: app.clientSecret,
		stateKey: readStateKey(terminal)
	};
	const sharingWith = (client) => stateVariable === void 0 ? void 0 : sharingFor(terminal, work, client, {
		target,
		stateVariable,
		clientId: app.clientId,
		secrets
	});
	const proveToShare = async (client, tokenName) => {
		const sharing = sharingWith(client);
		if (sharing) await proveSharing(sharing, tokenName, work.soFar);
	};
	const secret = secretOf(work.client, target);
	const beside = (name) => new Secret(work.client, secret.place, name);
	await haveEnvironment(terminal, plan, work, secret);
	const mayBeApp = plan.gitHubApp !== void 0 || givenCredential(terminal, writeTokenAsked) === void 0;
	const place = await proveSecrets(work, [
		secret,
		beside(names.clientId),
		beside(names.clientSecret),
		...plan.gitHubApp === void 0 ? [beside(names.writeToken)] : [],
		...mayBeApp ? [beside(appKeyName)] : []
	]);
	const visible = await withVisibility(terminal, plan, work, place.secrets);
	const [refreshToken, clientId, clientSecret] = visible;
	if (!refreshToken || !clientId || !clientSecret) throw new Error("three secrets were proven");
	await proveToShare(work.client, work.tokenName);
	const writer = await chooseWriter(terminal, plan, visible);
	return {
		place,
		refreshToken,
		clientId,
		clientSecret,
		writer: writer.kind === "app" ? await proveApp(terminal, plan, work, writer.key) : {
			...writer,
			newToken: await takeWriteToken(terminal, world, work, plan, writer.secret.metadata !== void 0, proveToShare)
		},
		sharing: sharingWith(work.client)
	};
}
/** What the workflow will write with: what the flag says, or else what is set up already, or else what the person says. */
async function chooseWriter({ prompts, tell }, { gitHubApp }, proven) {
	const named = (name) => proven.find(({ secret }) => secret.name === name);
	const key = named(appKeyName);
	const secret = named(writeTokenName);
	if (secret && (!key || secret.metadata)) {
		if (key) tell(`The workflow writes with ${writeTokenName}, which expires. To use a GitHub App instead, run \`box-token login --github-app\`.`);
		return {
			kind: "token",
			secret
		};
	}
	if (key && (!secret || key.metadata)) return {
		kind: "app",
		key
	};
	if (!secret || !key) throw new Error("one of both was proven");
	if (gitHubApp !== void 0 || !prompts) return {
		kind: "token",
		secret
	};
	return await prompts.choose("What should the workflow write the secret with?", [{
		value: "app",
		label: "a GitHub App of your own, created now: nothing to renew (recommended)"
	}, {
		value: "token",
		label: "a personal access token that you create: it expires"
	}]) === "app" ? {
		kind: "app",
		key
	} : {
		kind: "token",
		secret
	};
}
/** The client id goes into a variable of the same place, visible to the same repositories. */
async function proveApp({ tell }, { target, gitHubApp }, work, key) {
	const { place } = variablesOf(work.client, target);
	const settings = target.organization === void 0 ? {} : key.settings;
	const clientId = await proveVariable(work, new VariableStore(work.client, {
		...place,
		settings
	}), appClientIdName, key.secret, tell);
	const isThere = key.metadata !== void 0 && clientId.value !== void 0;
	return {
		kind: "app",
		how: gitHubApp === "existing" ? "existing" : isThere && gitHubApp !== "new" ? "kept" : "new",
		key,
		clientId
	};
}
/** Offers to create the environment if it does not exist. */
async function haveEnvironment(terminal, plan, work, secret) {
	const { owner, repo, environment } = plan.target;
	if (environment === void 0) return;
	const { client } = work;
	const name = {
		owner,
		repo,
		environment
	};
	const patience = new Patience(work.environment, work.retryFor);
	const isMissing = async () => {
		const look = await askGitHub(work, secret, (budget) => lookAtEnvironment(client, name, budget));
		return look !== "there" && look.refused === 404;
	};
	if (!await isMissing()) return;
	const repository = await askGitHub(work, secret, (budget) => repositoryId(client, name, budget));
	if ("refused" in repository) throw refusedBy(work, secret, "look at", repository);
	const where = `the environment "${environment}" does not exist in ${owner}/${repo}`;
	if (!plan.createEnvironment) {
		if (!terminal.prompts) throw new UsageError(`${where}: create it in the repository's settings, or give --create-environment`);
		if (!await terminal.prompts.confirm(`${capital(where)}. Create it, without protection rules?`, true)) throw new UsageError(`${where}. Nothing was written.`);
	}
	terminal.tell(`Checking that the environment really does not exist (GitHub's answers can be ${stalenessMs / 1e3} seconds old) \u2026`);
	while (await patience.pause()) if (!await isMissing()) return;
	const made = await askGitHub(work, secret, (budget) => createEnvironment(client, name, budget));
	if (made !== "created") {
		const words = work.narrator.foreign(made.message);
		const administration = "the repository permission \"Administration: Read and write\"";
		const remedy = made.refused === 422 ? void 0 : remedyFor(made, askerAtTerminal(work.tokenName, administration));
		throw new Failure("cannot-write-secret", {
			what: `GitHub answered ${made.refused} when ${work.tokenName} tried to create the environment "${environment}" in ${owner}/${repo}${words === "" ? "" : ` ("${words}")`}.`,
			spent: work.soFar(),
			next: remedy?.next ?? (made.refused === 422 ? "In a private repository, environments need a paid GitHub plan: run this again without --environment." : `Create it in the repository's settings, or give ${work.tokenName} ${administration}.`)
		});
	}
	terminal.interruption.aftermath = `The environment "${environment}" was created; nothing else was written.`;
	terminal.tell(`Created the environment "${environment}" in ${owner}/${repo}, without protection rules.`);
}
/** New organization secrets get the visibility of the refresh token's secret, or the one that the person chooses. */
async function withVisibility(terminal, plan, work, secrets) {
	const { organization } = plan.target;
	const [first] = secrets;
	if (organization === void 0 || !first || secrets.every(({ metadata }) => metadata)) return secrets;
	const settings = first.metadata ? first.settings : await newVisibility(terminal, plan, work, first.secret);
	return secrets.map((proven) => proven.metadata ? proven : {
		...proven,
		settings
	});
}
async function newVisibility(terminal, plan, work, secret) {
	const { owner, repo } = plan.target;
	const chosen = plan.visibility ?? await askVisibility(terminal, plan);
	if (chosen !== "selected") return { visibility: chosen };
	if (repo === "") throw new UsageError("--visibility selected needs --repo owner/name");
	const answer = await askGitHub(work, secret, (budget) => repositoryId(work.client, {
		owner,
		repo
	}, budget));
	if ("refused" in answer) {
		const remedy = remedyFor(answer, askerAtTerminal(work.tokenName, "access to that repository"));
		throw new UsageError(`GitHub answered ${answer.refused} when ${work.tokenName} tried to look at the repository ${owner}/${repo}: ${remedy ? `${remedy.reason}. ${remedy.next}` : "check --repo."} ${work.soFar()}`);
	}
	return {
		visibility: "selected",
		selected_repository_ids: [answer.id]
	};
}
async function askVisibility({ prompts }, { target }) {
	const { owner, repo, organization = "" } = target;
	if (!prompts) throw new UsageError("give --visibility (all, private or selected) for the new organization secrets");
	return prompts.choose(`Which repositories of ${organization} may use the new secrets?`, [
		...repo === "" ? [] : [{
			value: "selected",
			label: `${owner}/${repo} only`
		}],
		{
			value: "private",
			label: "all private repositories"
		},
		{
			value: "all",
			label: "all repositories, including public ones"
		}
	]);
}
// src/box/users.ts
/** Box's API for the user that an access token belongs to. */
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
// src/journal/journal.ts
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
/** Opens a journal or a recovery text. */
function openRecovery(kind, secrets, clientId, text) {
	const opened = open(kind, secrets, clientId, text);
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
// src/sharing/publish.ts
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
// src/sharing/replace.ts
/**
* The step "`login` and `recover`": puts a refresh token that a person brings (from a new sign-in or a recovery text) into
* the shared state. They go by the same rules: claim, publish the new state (the old token among the superseded), store,
* mark the claim as done. So a rotation under way can neither undo the sign-in nor be undone by it.
*/
/**
* Replaces the shared state and then the secret. Waits if a job is refreshing.
*
* @returns `lease-over`: the state is replaced, but there was no time left for the secret; `followed`: a job has refreshed
*   the token since, and stores the new one
* @throws Failure `secret-not-written` if the state could not be published, `github-unavailable` if no claim can be made,
*   and what reading the state throws
* @throws GitHubUnavailable
*/
async function replaceState(sharing, replacement) {
	const { environment, narrator, retryFor, seal } = sharing;
	const { clock } = environment;
	const { refreshToken } = replacement;
	let newest;
	let hasWarned = false;
	const patience = new Patience(environment, retryFor);
	/** Rule 8: a state that must not be replaced may be an old read, so look again for as long as a read may be old. */
	const isApproved = async (view) => {
		try {
			replacement.approve(view);
			return true;
		} catch (error) {
			if (!await patience.pause()) throw error;
			return false;
		}
	};
	const doubt = { mayBePublished: false };
	let mayBePublished = false;
	/** Published after all, and a job has gone on from it: to publish it again would undo that job's refresh. */
	const isFollowed = ({ state }) => mayBePublished && state !== void 0 && state.refreshToken !== refreshToken && accountsFor(seal, state, refreshToken);
	for (;;) {
		const budget = new RetryBudget(environment, retryFor);
		const before = newerOf(sharing, newest, await readState(sharing, budget));
		newest = before;
		if (isFollowed(before)) {
			narrator.info(followed(sharing));
			return "followed";
		}
		if (before.text !== void 0 && !before.state && !hasWarned) {
			hasWarned = true;
			narrator.warning(putAside(sharing));
		}
		if (!await isApproved(before)) continue;
		const claiming = await takeClaim(sharing, before, { own: barOf(sharing, refreshToken) });
		if (claiming.kind !== "held") {
			if (claiming.kind === "changed") newest = newerOf(sharing, before, claiming.view);
			continue;
		}
		const { claim } = claiming;
		let left = "given-up";
		try {
			const [seen, list] = await Promise.all([readState(sharing, budget), listClaims(sharing, budget)]);
			const now = newerOf(sharing, before, seen);
			newest = now;
			if (isFollowed(now)) {
				left = "done";
				continue;
			}
			if (!await isApproved(now)) continue;
			if (now.state?.refreshToken !== before.state?.refreshToken) continue;
			if (list.claims.some(({ token, epoch }) => token === claim.token && epoch > claim.epoch)) continue;
			const over = [...replacement.over, ...now.state ? [now.state.refreshToken] : []].filter((token) => token !== refreshToken).reduce((all, token) => all.with(fingerprintOf(seal.secrets, token), serverNow(now.moment, clock)), now.state?.over ?? OverTokens.none);
			const { secretAccounted } = replacement;
			const accounted = secretAccounted === "now" ? serverNow(now.moment, clock) : secretAccounted;
			const state = {
				refreshToken,
				access: void 0,
				secretUpdatedAt: Math.max(Math.floor(accounted), now.state?.secretUpdatedAt ?? 0),
				over
			};
			const isKnown = now.state !== void 0 && accountsFor(seal, now.state, refreshToken);
			left = "kept";
			const published = await publish(sharing, claim, now, state, doubt).catch((error) => {
				if (!doubt.mayBePublished) left = "given-up";
				throw error;
			});
			mayBePublished ||= doubt.mayBePublished && !isKnown;
			if (published === "moved") {
				left = "done";
				doubt.mayBePublished = false;
			}
			if (published !== "published") continue;
			narrator.info(`The refresh token is published in the ${titleOf$1(sharing)}, encrypted.`);
			const inTime = clock.monotonic() < claim.fence;
			let writtenAt;
			try {
				const written = inTime ? await replacement.storeSecret(claim.fence) : void 0;
				writtenAt = written === "perhaps" ? claim.leaseEndsAt : written;
			} finally {
				const at = Math.ceil(serverNow(now.moment, clock));
				const current = [now.state?.refreshToken, refreshToken];
				if (now.state?.refreshToken === refreshToken) await giveUpClaim(sharing, {
					...claim,
					secretWrittenAt: writtenAt
				});
				else await markDone(sharing, claim, at, writtenAt);
				await tidyClaims(sharing, list.claims, claim, current, at);
			}
			return inTime ? "done" : "lease-over";
		} finally {
			if (left === "given-up") await giveUpClaim(sharing, claim);
			if (left === "done") await markDone(sharing, claim, Math.ceil(serverNow(before.moment, clock)));
		}
	}
}
// src/cli/login/redeem.ts
/** Exchanges an authorization code for tokens, at once: the code is valid for 30 seconds, and works only once. */
/** Seconds to keep trying: less than the code is valid. */
const retryFor$2 = 25;
/**
* Exchanges a code for tokens. Rule 7: if Box gave no usable answer, it asks again. At worst the code was used by then and
* is refused, but its tokens were out of reach anyway.
*
* @throws Failure
*/
async function redeemCode(redeeming, code) {
	const { endpoint, environment, narrator, redirectUri, soFar } = redeeming;
	const budget = new RetryBudget(environment, retryFor$2);
	let answerLost = false;
	for (;;) {
		const answer = await endpoint.redeem(code, redirectUri, budget);
		for (const token of answer.tokens) narrator.mask(token);
		const failed = (failure, what, next) => new Failure(failure, {
			what,
			spent: soFar,
			next
		});
		switch (answer.kind) {
			case "pair": return {
				refreshToken: answer.pair.refreshToken,
				accessToken: answer.pair.accessToken
			};
			case "refresh-token-only": return {
				refreshToken: answer.refreshToken,
				accessToken: void 0
			};
			case "no-pair": throw failed("bad-response", `Box answered 200, but the answer is not a token pair: ${answer.problem}.`, "Check --box-api-url and any proxy or firewall between this machine and Box, then run this again.");
			case "refused":
				if (!passingOAuthErrors.has(answer.error)) throw refusedCode(redeeming, answer, answerLost);
				break;
			case "no-answer":
				if (answer.error.fault === "certificate") throw failed("box-unavailable", `Box (--box-api-url): ${answer.error.message}.`, "If that is a proxy or server of your own, set NODE_EXTRA_CA_CERTS to the certificate file of its CA, then run this again.");
				answerLost ||= answer.error.mayHaveArrived;
				break;
			case "unusable": answerLost = true;
		}
		if (!await budget.pause("waitMs" in answer ? answer.waitMs : void 0)) throw failed("box-unavailable", `Box did not exchange the authorization code within the 30 seconds for which it is valid: ${described(narrator, answer)}.`, "Run this again to sign in again. For outages, see https://status.box.com.");
	}
}
function described(narrator, answer) {
	switch (answer.kind) {
		case "no-answer": return answer.error.message;
		case "rate-limited": return "it answered 429, too many requests";
		case "unusable": return `it answered ${answer.status}`;
		case "refused": return `it answered "${narrator.foreign(answer.error)}"`;
		case "pair":
		case "refresh-token-only":
		case "no-pair": return "it answered 200";
	}
}
function refusedCode({ narrator, redirectUri, soFar }, { error, description }, answerLost) {
	const quoted = description === "" ? "" : ` ("${narrator.foreign(description)}")`;
	const words = `Box answered "${narrator.foreign(error)}"${quoted}`;
	const refused = (code, why, next) => new Failure(code, {
		what: `${words}: ${why}.`,
		spent: soFar,
		next
	});
	switch (error) {
		case "invalid_client": return refused("bad-client", "it does not accept the client id and client secret", "Copy both again from the app's Configuration page in the Box Developer Console, then run this again.");
		case "unauthorized_client": return refused("unauthorized-app", "this app is not allowed to sign users in", "In the Box Developer Console, make sure that the app uses \"User Authentication (OAuth 2.0)\" and is enabled; if your enterprise approves apps, ask an admin to authorize this one.");
		case "redirect_uri_mismatch": return refused("bad-input", "it does not know this redirect URI", `Add ${redirectUri} to the redirect URIs of the app in the Box Developer Console, then run this again.`);
		case "invalid_grant":
			if (isOfInactiveUser({ description })) return refused("reauthorize", "this suggests that the Box user is not active, so Box would refuse a new sign-in as well", `${activateUser}, then run this again.`);
			return refused("reauthorize", answerLost ? "it gave no usable answer before, and the authorization code works only once" : "the authorization code has expired (it is valid for 30 seconds), was used already, or belongs to another redirect URI", "Run this again to sign in again.");
		default: return refused("box-unavailable", "it issued no tokens for the authorization code", "Check --box-api-url and the app in the Box Developer Console, then run this again.");
	}
}
// src/cli/login/store.ts
/** From Box's code to the stored secrets: the refresh token first, since the rest can be had again at any time. */
/** How long to go on after Ctrl-C, in milliseconds, if the token can be handed over instead. */
const mostPatienceMs = 5e3;
/** For how many seconds to ask Box who signed in: that is nice to know, and no more. */
const userRetryFor = 10;
/**
* Exchanges the code and stores everything.
*
* @throws Failure `secret-not-written` if not everything could be stored, or what the exchange throws
*/
async function exchangeAndStore(terminal, world, finishing, code) {
	const { plan, app, work } = finishing;
	terminal.tell("Box has answered. Exchanging the code and storing the secrets \u2026");
	const tokens = await redeemCode({
		endpoint: new TokenEndpoint(world.network, plan.boxApiUrl, app),
		environment: work.environment,
		narrator: work.narrator,
		redirectUri: redirectUriOf(plan.port),
		soFar: `${work.soFar()} What was stored before is not affected.`
	}, code);
	return {
		stored: await storeAll(terminal, finishing, tokens),
		user: await whoLoggedIn(terminal, world, finishing, tokens)
	};
}
/** Stores everything, the refresh token first: the rest can be had again at any time. */
async function storeAll(terminal, finishing, { refreshToken }) {
	const { app, work, prepared } = finishing;
	const { place } = prepared;
	const { title, name, place: where } = prepared.refreshToken.secret;
	const { interruption } = terminal;
	const handOver = (before) => {
		const recovery = recoveryOf(terminal, finishing, refreshToken, before);
		terminal.print(finishing.json ? JSON.stringify({
			stored: [],
			recovery
		}) : recovery);
	};
	const mayLeave = (before) => {
		const tell = () => {
			handOver(before);
			interruption.aftermath = `Box has issued a refresh token, which is in the recovery text on standard output, encrypted so that only this app can open it. Pass it to \`box-token recover --state-variable ${finishing.plan.stateVariable}\`, which stores it.`;
		};
		interruption.wayOut = {
			afterMs: mostPatienceMs,
			handOver: tell
		};
	};
	const mustStay = () => {
		interruption.wayOut = void 0;
	};
	const outcome = await storeRefreshToken(finishing, refreshToken, {
		mayLeave,
		mustStay
	});
	mustStay();
	const { failed, isPublished, isFollowed, before } = outcome;
	if (failed && !isPublished) {
		handOver(before);
		throw new Failure("secret-not-written", {
			what: `Box has issued a refresh token, but ${failed.mayBeStored ? "GitHub did not confirm that it is" : "it could not be"} stored in the ${title}: ${failed.problem}.`,
			spent: "It is in the recovery text on standard output, encrypted so that only this app can open it. Nothing else was written.",
			next: "Once GitHub accepts the write, run `box-token login` again, or pass that text to `box-token recover`, which stores this one secret."
		});
	}
	const stored = failed || isFollowed ? [] : [name];
	const missing = failed ? [`${name} (${failed.problem}; the shared state holds it)`] : [];
	const others = [
		[prepared.clientId, app.clientId],
		[prepared.clientSecret, app.clientSecret],
		...prepared.writer.kind === "token" ? [[prepared.writer.secret, prepared.writer.newToken]] : []
	];
	for (const [proven, value] of others) {
		if (value === void 0) continue;
		const reason = await writeSecret(work, place, proven, value);
		if ("problem" in reason) missing.push(`${proven.secret.name} (${reason.problem})`);
		else stored.push(proven.secret.name);
	}
	terminal.interruption.aftermath = `Stored in ${where.name}: ${stored.join(", ")}.`;
	if (missing.length === 0) return stored;
	throw new Failure("secret-not-written", {
		what: `Not everything could be stored in ${where.name}: ${missing.join(", ")}.`,
		spent: `Stored: ${stored.join(", ")}. The new refresh token is safe.`,
		next: "Run `box-token login` again, or set what is missing by hand in the settings on GitHub."
	});
}
/** Stores it in the secret. If jobs share a token, publishes it to the state first, so that no rotation can undo it. */
async function storeRefreshToken({ work, prepared }, refreshToken, { mayLeave = () => {}, mustStay = () => {} } = {}) {
	const { place, sharing } = prepared;
	if (!sharing) {
		const written = await writeSecret(work, place, prepared.refreshToken, refreshToken);
		return {
			failed: "problem" in written ? written : void 0,
			isPublished: false,
			isFollowed: false,
			before: void 0
		};
	}
	const so = {
		failed: void 0,
		isPublished: false,
		isFollowed: false,
		before: void 0
	};
	mayLeave(void 0);
	try {
		const ended = await replaceState(sharing, {
			refreshToken,
			over: [],
			secretAccounted: "now",
			approve: ({ state }) => {
				so.before = state?.refreshToken;
				mayLeave(so.before);
			},
			storeSecret: async (fence) => {
				mustStay();
				so.isPublished = true;
				const written = await writeSecret(work, place, prepared.refreshToken, refreshToken, fence);
				if (!("problem" in written)) return written.writtenAt;
				so.failed = written;
				return written.mayBeStored ? "perhaps" : void 0;
			}
		});
		if (ended === "lease-over") so.failed = {
			problem: "publishing the shared state took too long",
			mayBeStored: false
		};
		return {
			...so,
			isPublished: true,
			isFollowed: ended === "followed"
		};
	} catch (error) {
		if (!(error instanceof Failure) && !(error instanceof GitHubUnavailable)) throw error;
		if (so.isPublished) return so;
		const problem = error instanceof Failure ? error.what.replace(/\.$/, "") : `GitHub: ${describeGitHub(subjectOf(sharing), error.last)}`;
		return {
			...so,
			failed: {
				problem,
				mayBeStored: true
			}
		};
	}
}
/** Rule 9: the token that could not be stored, as a recovery text. */
function recoveryOf(terminal, { plan, app, prepared }, refreshToken, before) {
	const { metadata } = prepared.refreshToken;
	return recoveryText({
		clientSecret: app.clientSecret,
		stateKey: readStateKey(terminal)
	}, {
		refreshToken,
		baseline: metadata?.updatedAt ?? 0,
		shared: prepared.sharing && {
			access: void 0,
			before,
			over: [],
			secretUpdatedAt: 0
		},
		target: {
			...plan.target,
			clientId: app.clientId,
			githubApiUrl: plan.apiUrl,
			stateVariable: plan.stateVariable
		}
	});
}
/** Asks Box who signed in. Everything is stored by now, so it is no failure if Box does not say. */
async function whoLoggedIn(terminal, { network }, { plan, work }, { accessToken }) {
	if (accessToken === void 0) return void 0;
	const budget = new RetryBudget(work.environment, userRetryFor);
	for (;;) {
		const answer = await currentUser(network, plan.boxApiUrl, accessToken, budget);
		if (answer.kind === "user") {
			const { id, name, login: email } = answer.user;
			const clean = (text) => terminal.redactor.foreign(text);
			return {
				id: clean(id),
				name: clean(name),
				login: clean(email)
			};
		}
		if (answer.kind === "refused" || !await budget.pause()) {
			terminal.tell("Everything is stored, but Box did not say who signed in.");
			return;
		}
	}
}
// src/cli/login.ts
/**
* `box-token login`: a person signs in to Box, and the command stores the secrets that the workflow needs. It is the same
* for the first set-up and for signing in again.
*
* Stopping halfway does no harm. The command proves that it can write the secrets before it opens a browser (rule 1).
* It stores the refresh token first, since only that cannot be had again; until then, what was stored before works. And
* from Box's answer to the end of the store, Ctrl-C waits.
*/
/** For how many seconds each step on GitHub keeps trying. */
const retryFor$1 = 60;
/** `box-token login`. */
const loginCommand = {
	name: "login",
	summary: "signs in to Box in the browser and stores what the workflow needs",
	description: `Signs in to Box in the browser and stores what the workflow needs as secrets on GitHub: BOX_CLIENT_ID, BOX_CLIENT_SECRET, BOX_REFRESH_TOKEN, and what it writes with. Then prints the workflow. Use it to set up, and whenever you have to sign in again.

The workflow writes with a GitHub App of your own or with a personal access token. At a terminal, login asks you which. With --github-app, it is the App: login creates it with you in the browser, with only the permissions it needs, stores its private key (secret BOX_APP_PRIVATE_KEY) and client id (variable BOX_APP_CLIENT_ID), and waits until you have installed it. Nothing about the App expires. If an App is set up already, login keeps it. --github-app new creates another one; --github-app existing uses one that you have, with BOX_APP_CLIENT_ID and BOX_APP_PRIVATE_KEY from the environment or entered at a hidden prompt.

Your Box app (Box Developer Console, "User Authentication (OAuth 2.0)") must have the redirect URI http://localhost:3000/callback.

Needs, in the environment or entered at a hidden prompt: BOX_CLIENT_ID and BOX_CLIENT_SECRET of your Box app; GITHUB_TOKEN (or gh) with the right to write the secrets (and variables, for an App); and, without an App, BOX_SECRETS_TOKEN, the token that the workflow will write with. If you don't have one, login explains how to create it. Nothing is sent to Box before GitHub has shown that the secrets can be written.`,
	flags: [
		{
			form: "--github-app [which]",
			meaning: "write with a GitHub App: keeps the one that is set up, or creates one; \"new\" always creates one, \"existing\" uses one of yours"
		},
		{
			form: "--prefix <name>",
			meaning: "prefix of the secrets' names, for a second app (default: BOX)"
		},
		{
			form: "--port <number>",
			meaning: "port of the redirect URI http://localhost:<number>/callback (default: 3000)"
		},
		{
			form: "--no-browser",
			meaning: "only print the address to sign in at"
		},
		{
			form: "--create-environment",
			meaning: "create the environment if it does not exist, without asking"
		},
		{
			form: "--visibility <who>",
			meaning: "repositories that may use new organization secrets: all, private, or selected (the one from --repo)"
		},
		{
			form: "--box-account-url <url>",
			meaning: "Box's sign-in pages (default: https://account.box.com)"
		}
	],
	run: login
};
async function login(terminal, world, flags) {
	const plan = await readPlan(terminal, flags);
	const server = await CallbackServer.listen(plan.port);
	try {
		const app = await readBoxApp(terminal);
		const token = await readGitHubToken(terminal, plan.apiUrl);
		const work = {
			environment: {
				clock: world.clock,
				random: world.random
			},
			narrator: narratorFor(terminal),
			retryFor: retryFor$1,
			tokenName: "GITHUB_TOKEN",
			soFar: () => terminal.interruption.aftermath
		};
		const client = new GitHubClient({
			network: world.network,
			apiUrl: plan.apiUrl,
			token
		});
		const prepared = await prepare(terminal, world, plan, app, {
			...work,
			client
		});
		const { writer, place, refreshToken } = prepared;
		terminal.tell(`GitHub allows the secrets of ${refreshToken.secret.place.name} to be written.`);
		const gitHubApp = writer.kind === "app" ? await setUpApp(terminal, world, {
			plan,
			work: {
				...work,
				client
			},
			place,
			writer,
			server
		}) : void 0;
		const callback = await awaitLogIn(terminal, world, {
			request: {
				accountUrl: plan.accountUrl,
				clientId: app.clientId,
				redirectUri: redirectUriOf(plan.port),
				state: newState()
			},
			server,
			port: plan.port,
			browser: plan.browser
		});
		await finish(terminal, world, {
			plan,
			app,
			work,
			prepared,
			gitHubApp,
			json: flags["json"] === true
		}, callback);
	} finally {
		server.close();
	}
}
async function finish(terminal, world, finishing, { response, show }) {
	const { interruption, redactor } = terminal;
	const { place } = finishing.prepared.refreshToken.secret;
	try {
		if (response.kind === "refused") throw refusedLogIn(finishing, response);
		const { code } = response;
		await interruption.hold(async () => {
			const outcome = await exchangeAndStore(terminal, world, finishing, code);
			await show(successPage(place.name, outcome.user));
			printResult(terminal, finishing, outcome);
		}, () => terminal.tell("Not stopping yet: the token that Box has just issued must be stored first."));
	} catch (error) {
		const words = inParagraphs(error).map((text) => redactor.redact(text));
		await show(failurePage(response.kind === "refused" ? "Box did not grant access" : "The sign-in did not work", words));
		throw error;
	}
}
function refusedLogIn({ work }, { error, description }) {
	const { narrator, soFar } = work;
	const quoted = description === "" ? "" : ` ("${narrator.foreign(description)}")`;
	return new UsageError(error === "access_denied" ? `access to Box was denied${quoted}. ${soFar()} Run this again, and grant access.` : `Box answered "${narrator.foreign(error)}"${quoted} instead of a code. ${soFar()} Check the app in the Box Developer Console, and run this again.`);
}
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
		if (!canSeal(key)) throw unusableKey$1(subject);
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
// src/cli/at-terminal.ts
/** Words the protocol's failures for a person at a terminal: their own remedies are about inputs and workflow runs. */
/** What the commands write with, in words. */
const ownToken = "your GitHub token (GITHUB_TOKEN, or the one from gh)";
/**
* What happened, and what to do about it at a terminal.
*
* @param permission what the token for GitHub needs, as GitHub names it
* @param spent what it means for the token, as a sentence
* @returns all sentences, in one line
*/
function atTerminal(failure, permission, spent) {
	return `${failure.what} ${spent} ${remedy(failure, permission)}`;
}
function remedy(failure, permission) {
	const { code } = failure;
	const refused = failure instanceof RefusedByGitHub ? failure.answer : void 0;
	const known = refused && remedyFor(refused, askerAtTerminal(ownToken, permission));
	if (known) return known.next;
	if (code === "cannot-write-secret") return `Your GitHub token (GITHUB_TOKEN, or the one from gh) needs ${permission} for this place. Also check the flags that name the place.${refused ? besidesPermission(refused) : ""}`;
	if (code === "github-unavailable") return "Check --github-api-url and any proxy or firewall between this machine and GitHub (to trust a CA of your own, set NODE_EXTRA_CA_CERTS to its certificate file), or run this again later. For outages, see https://www.githubstatus.com.";
	return "Run this again.";
}
// src/cli/recover.ts
/** `box-token recover`: stores the refresh token from a recovery text. */
/** Seconds that the command keeps trying. */
const retryFor = 60;
/** `box-token recover`. */
const recoverCommand = {
	name: "recover",
	summary: "stores the refresh token from a recovery text that the action printed",
	description: `Stores the refresh token from the recovery text that the action printed when it could not store that token itself. Reads the text from standard input, or asks for it.

  box-token recover < recovery-text

Needs, in the environment or entered at a hidden prompt: BOX_CLIENT_ID and BOX_CLIENT_SECRET of your Box app, and GITHUB_TOKEN (or gh) with the right to write the secret. If the workflow has a state-key, BOX_STATE_KEY must be in the environment. With the text on standard input, recover does not prompt: set everything in the environment.`,
	flags: [{
		form: "--force",
		meaning: "store it even if the secret has been written since"
	}],
	run: recover
};
/**
* Runs the command.
*
* @throws UsageError, Failure or Interrupted
*/
async function recover(terminal, world, flags) {
	const { redactor } = terminal;
	const target = await readTarget(terminal, flags);
	const givenApiUrl = readGitHubApiUrl(terminal, flags);
	const stateVariable = readStateVariable(flags);
	const { clientId, clientSecret } = await readBoxApp(terminal);
	const stateKey = readStateKey(terminal);
	const text = await readText(terminal);
	await sealingReady();
	const opened = openRecovery("recovery", {
		clientSecret,
		stateKey
	}, clientId, text);
	if ("problem" in opened) throw new UsageError(notOpened[opened.problem]);
	redactor.add(opened.refreshToken);
	const sharedIn = opened.target.stateVariable;
	if (sharedIn !== void 0 && sharedIn.toUpperCase() !== stateVariable?.toUpperCase()) throw new UsageError(`this text comes from jobs that share a token through the variable ${sharedIn}: give --state-variable ${sharedIn}`);
	if (!sameSecret(opened.target, target)) throw new UsageError(`this text is for the ${titleOf(opened.target)}, but the flags name the ${titleOf(target)}: correct them`);
	const apiUrl = givenApiUrl ?? opened.target.githubApiUrl;
	if (apiUrl !== opened.target.githubApiUrl) throw new UsageError(`this text is for the GitHub server at ${opened.target.githubApiUrl}, not for the one at ${apiUrl}: correct --github-api-url`);
	const token = await readGitHubToken(terminal, apiUrl);
	const narrator = narratorFor(terminal);
	const client = new GitHubClient({
		network: world.network,
		apiUrl,
		token
	});
	const secret = secretOf(client, target);
	const environment = {
		clock: world.clock,
		random: world.random
	};
	const proof = {
		environment,
		narrator,
		retryFor,
		secret,
		copies: [],
		sealingReady,
		run: void 0
	};
	const sharing = stateVariable === void 0 ? void 0 : sharingFor(terminal, {
		environment,
		narrator,
		retryFor
	}, client, {
		target,
		clientId,
		secrets: {
			clientSecret,
			stateKey
		},
		stateVariable
	});
	const permission = [secret.place.permission, sharing?.variables.place.permission].filter(Boolean).join(" and ");
	const found = await look(proof, opened.baseline, permission);
	const force = flags["force"] === true;
	const moved = !found.missing && found.baseline.updatedAt > opened.baseline;
	if (moved && !force && stateVariable === void 0) throw movedOn(secret.title);
	if (!force && !sharing && !found.missing) await expectUnmoved(terminal, proof, opened.baseline);
	const secretWritten = {
		perhaps: false,
		forCertain: true,
		byAJob: false
	};
	const { interruption } = terminal;
	interruption.aftermath = "The recovery text still works.";
	const storing = {
		...proof,
		aboutToWrite: () => secretWritten.perhaps = true
	};
	try {
		await interruption.hold(async () => {
			if (!sharing) await store(storing, found.baseline, opened.refreshToken);
			else {
				const where = titleOf$1(sharing);
				interruption.wayOut = {
					afterMs: 0,
					handOver: () => {}
				};
				const isPublished = () => {
					interruption.wayOut = void 0;
					interruption.aftermath = `The refresh token is published in the ${where}, where jobs find it.`;
				};
				const conflictAfter = force || found.missing ? found.baseline.conflictAfter : opened.baseline;
				const baseline = {
					...found.baseline,
					conflictAfter
				};
				const copied = await recoverShared(sharing, opened, {
					storing,
					baseline,
					force,
					moved,
					isPublished
				});
				if (copied.kind === "not-stored") throw copyNotStored(where, secret.title, permission, copied.problem);
				secretWritten.forCertain = copied.kind === "stored";
				secretWritten.byAJob = copied.kind === "followed";
			}
			if (secretWritten.forCertain) interruption.aftermath = `The refresh token is stored in the ${secret.title}.`;
		}, () => terminal.tell("Finishing the write before stopping."));
	} catch (error) {
		if (error instanceof Failure && error.code === "stale-secret") {
			if (sharing) throw error;
			throw secretWritten.perhaps ? perhapsStored(secret.title) : movedOn(secret.title);
		}
		const failure = error instanceof GitHubUnavailable ? githubUnavailable(subjectOf(storing), error) : error;
		if (!(failure instanceof Failure)) throw failure;
		throw new UsageError(atTerminal(failure, permission, "The recovery text still works."));
	}
	const isCopied = secretWritten.forCertain;
	if (flags["json"] === true) {
		const overwrote = moved && isCopied;
		const published = stateVariable === void 0 ? {} : { published: stateVariable };
		terminal.print(JSON.stringify({
			stored: isCopied,
			...published,
			...secretWritten.byAJob ? { followed: true } : {},
			secret: secret.title,
			overwrote,
			created: found.missing
		}));
		return;
	}
	if (secretWritten.byAJob) {
		terminal.print("Nothing is left to do: the recovery text is worthless now.");
		return;
	}
	const places = [...sharing ? [`shared state (${titleOf$1(sharing)})`] : [], ...isCopied ? [secret.title] : []];
	const recreated = isCopied && found.missing ? ", which was missing and has been created again" : "";
	terminal.print(`The refresh token is stored in the ${places.join(" and its copy, the ")}${recreated}. Start the workflow now: its first run makes the recovery text worthless.`);
}
/**
* Publishes to the shared state first, which is the authority; then stores in the secret, unless somebody else has
* written it since (rule 4).
*
* @returns what became of the secret; `followed`: a job has refreshed the token since it was published
* @throws Failure or GitHubUnavailable if the state could not be published
*/
async function recoverShared(sharing, { refreshToken, baseline, shared }, copy) {
	const { secret, narrator } = sharing;
	let copied = { kind: "left-alone" };
	const ended = await replaceState(sharing, {
		refreshToken,
		over: shared?.over ?? [],
		secretAccounted: copy.force ? "now" : baseline,
		approve: ({ state }) => {
			if (!(state === void 0 || [refreshToken, shared?.before].includes(state.refreshToken)) && !copy.force) throw movedOn(titleOf$1(sharing));
		},
		storeSecret: async (fence) => {
			copy.isPublished();
			if (copy.moved && !copy.force) {
				narrator.warning(secretLeftAlone(secret.title, copy.baseline.updatedAt));
				return;
			}
			const outcome = await tryToStore({
				...copy.storing,
				fence
			}, copy.baseline, refreshToken);
			if (outcome.kind === "moved") {
				if (outcome.writeLost) {
					narrator.info(writtenSince(secret.title));
					return "perhaps";
				}
				narrator.warning(secretLeftAlone(secret.title, outcome.updatedAt));
				return;
			}
			copied = outcome;
			if (outcome.kind === "stored") return outcome.writtenAt;
			return outcome.writeLost ? "perhaps" : void 0;
		}
	});
	if (ended !== "done") copy.isPublished();
	if (ended === "followed") return { kind: "followed" };
	if (ended === "lease-over") narrator.warning(leaseOverBeforeStore(secret.title));
	return copied;
}
/**
* Whether the secret may be written, and over what. A secret that has been deleted holds nothing newer, so it is
* created again if everything it needs is known.
*/
async function look(proof, before, permission) {
	const { secret } = proof;
	try {
		return {
			missing: false,
			baseline: await prove(proof)
		};
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		if (error.code !== "bad-input") throw new UsageError(atTerminal(error, permission, "Nothing was written, and the recovery text still works."));
		if (secret.place.settings) throw new UsageError(`the ${secret.title} no longer exists, and neither does its list of repositories: create it on GitHub, with any value, for the repositories that need it, then run this again with --force`);
		return {
			missing: true,
			baseline: {
				key: void 0,
				settings: {},
				conflictAfter: before,
				updatedAt: before
			}
		};
	}
}
/**
* Rules 4 and 8: a newer token must not be overwritten, and what GitHub shows may be old. So keeps looking for as long
* as an answer can be old.
*
* @throws Failure `stale-secret`
*/
async function expectUnmoved(terminal, { secret, environment }, before) {
	terminal.tell(`Checking that nothing else has written the ${secret.title} (GitHub's answers can be ${stalenessMs / 1e3} seconds old) \u2026`);
	const patience = new Patience(environment, retryFor);
	while (await patience.pause()) {
		const now = await lookOnce(secret, environment);
		if (now !== void 0 && now > before) throw movedOn(secret.title);
	}
}
/** When the secret was written, as GitHub shows it. Whatever prevents this read will prevent the write, too. */
async function lookOnce(secret, environment) {
	try {
		const now = await secret.metadata(new RetryBudget(environment, retryFor));
		return "updatedAt" in now ? now.updatedAt : void 0;
	} catch (error) {
		if (error instanceof GitHubUnavailable) return void 0;
		throw error;
	}
}
const textPattern = /box-token-recovery\.v\d+\.[A-Za-z0-9_-]+/;
/** The recovery text, which may be part of a longer log line. */
async function readText({ prompts, readStandardInput }) {
	const given = prompts ? await prompts.text("Recovery text (box-token-recovery.v1.\u2026)", (answer) => textPattern.test(answer) ? void 0 : "That does not contain a recovery text.") : await readStandardInput();
	const text = textPattern.exec(given)?.[0];
	if (text === void 0) throw new UsageError("there is no recovery text (box-token-recovery.v1.\u2026) on standard input");
	return text;
}
const notOpened = {
	"not-sealed": "this is not a recovery text",
	"newer-version": "this recovery text was printed by a newer version of the action: use the command line of that version",
	"does-not-open": "the recovery text cannot be opened: it belongs to another app (BOX_CLIENT_ID), was encrypted with another BOX_CLIENT_SECRET or BOX_STATE_KEY, or is damaged"
};
function movedOn(title) {
	return new Failure("stale-secret", {
		what: `The ${title} has been written since the recovery text was printed.`,
		spent: "Nothing was written: the refresh token that is stored now is probably newer, and valid.",
		next: "Start the workflow. Use --force only if that run fails with `reauthorize`."
	});
}
/** The token is published, which is durable; only the copy in the secret is missing. */
function copyNotStored(where, title, permission, problem) {
	return new UsageError(`the refresh token is published in the ${where}, where jobs find it, but GitHub did not confirm that it is stored in the ${title}: ${problem}. Nothing is lost: start the workflow, whose next refresh updates the secret. If that fails too, the workflow's token needs ${permission} for this place.`);
}
/** Usually this command's own write; GitHub does not say who wrote. */
function perhapsStored(title) {
	return new Failure("stale-secret", {
		what: `The ${title} was written just now, either by this command, which did not get GitHub's answer, or by somebody else at the same time.`,
		spent: "The token is stored, or superseded by a newer one.",
		next: "Start the workflow. Run this again with --force only if that run fails with `reauthorize`."
	});
}
function sameSecret(one, other) {
	const key = (target) => JSON.stringify([target.organization === void 0 ? [
		target.owner,
		target.repo,
		target.environment
	] : [target.organization], target.secretName]).toLowerCase();
	return key(one) === key(other);
}
function titleOf(target) {
	const { owner, repo, environment, organization, secretName } = target;
	if (organization !== void 0) return `secret ${secretName} of organization ${organization}`;
	return `secret ${secretName} of ${environment === void 0 ? "repository" : `environment "${environment}" of`} ${owner}/${repo}`;
}
// src/cli/program.ts
/** `box-token`: reads the arguments, runs the command, and reports how it ended in one line. */
/** All commands, in the order in which the help lists them. */
const commands = [
	loginCommand,
	doctorCommand,
	recoverCommand
];
/**
* Runs the command line.
*
* @param args what follows the name of the program
* @returns the exit code: 0, 1, or 128 plus the number of the signal that ended it
*/
async function runProgram(terminal, world, args) {
	const { interruption, redactor } = terminal;
	try {
		if (printsTraffic(terminal.variables)) throw new UsageError(`${trafficIsPrinted.what} ${trafficIsPrinted.next}, then run this again.`);
		await interruption.orInterrupted(parserFor(terminal, world).parseAsync([...args], { from: "user" }));
		return 0;
	} catch (error) {
		if (error instanceof CommanderError) {
			if (error.exitCode === 0) return 0;
			terminal.tell(`box-token: ${inOurWords(error)}`);
			return 1;
		}
		if (error instanceof Interrupted) {
			terminal.tell(`box-token: interrupted. ${interruption.aftermath}`);
			return error.exitCode;
		}
		if (error instanceof UsageError || error instanceof Failure) {
			terminal.tell(`box-token: ${oneLine(error.message)}`);
			return 1;
		}
		const words = error instanceof Error ? redactor.foreign(`${error.name}: ${error.message}`) : "unknown";
		terminal.tell(`box-token: internal error (${words}). ${interruption.aftermath}`);
		return 1;
	}
}
function parserFor(terminal, world) {
	const configured = (parser) => parser.exitOverride().optionsGroup("Flags:").helpOption("-h, --help", "show this help").configureHelp({ subcommandTerm: (command) => command.name() }).configureOutput({
		writeOut: (text) => terminal.print(text.trimEnd()),
		writeErr: () => {}
	});
	const program = configured(new Command("box-token")).description("Signs in to Box for GitHub Actions, and fixes what a workflow cannot fix by itself.").usage("<command> [flags]").option("--version", "show the version").on("option:version", () => {
		terminal.print(world.version());
		throw new CommanderError(0, "commander.version", "the version was printed");
	}).addHelpText("after", `
Exit codes: 0 done (doctor: nothing needs you); 1 not done, or doctor found a
problem, with one line on standard error; 130 or 143 ended by Ctrl-C or
SIGTERM, with one line that says what was written.

For more about a command, run: box-token <command> --help`).helpCommand(false);
	for (const { name, summary, description, flags, run } of commands) {
		const parser = configured(new Command(name)).summary(summary).description(description).usage("[flags]").allowExcessArguments(false);
		for (const { form, meaning } of [...flags, ...sharedFlags]) parser.option(form, meaning);
		parser.action(() => run(terminal, world, flagsOf(parser)));
		program.addCommand(parser);
	}
	return program;
}
/** The values that were given, by the flags' names on the command line. */
function flagsOf(parser) {
	return Object.fromEntries(parser.options.map((option) => {
		const value = parser.getOptionValue(option.attributeName());
		const given = typeof value === "string" || typeof value === "boolean" ? value : void 0;
		return [option.long?.replace(/^--(?:no-)?/, "") ?? "", given];
	}));
}
/** What is wrong with the arguments. Their values are left out: one may be a secret in the wrong place. */
function inOurWords({ code, message }) {
	switch (code) {
		case "commander.help": return `give a command: ${commands.map(({ name }) => name).join(", ")}`;
		case "commander.unknownCommand": return `unknown command${suggestionIn(message)}; see box-token --help`;
		case "commander.excessArguments": return "a command takes only flags, and never credentials; see --help";
		default: return oneLine(message.replace(/^error: /, "").replace(/=[^']*/, ""));
	}
}
/** The command that was probably meant, if it is one of ours. What was typed is not repeated: it may be a secret. */
function suggestionIn(message) {
	const meant = /\(Did you mean (?:one of )?([a-z-]+(?:, [a-z-]+)*)\?\)/.exec(message)?.[1];
	return meant === void 0 ? "" : ` (did you mean ${meant.replaceAll(", ", " or ")}?)`;
}
function oneLine(text) {
	return text.replace(/\s+/g, " ").trim();
}
// node_modules/fast-string-truncated-width/dist/utils.js
const getCodePointsLength = (() => {
	const SURROGATE_PAIR_RE = /[\uD800-\uDBFF][\uDC00-\uDFFF]/g;
	return (input) => {
		let surrogatePairsNr = 0;
		SURROGATE_PAIR_RE.lastIndex = 0;
		while (SURROGATE_PAIR_RE.test(input)) surrogatePairsNr += 1;
		return input.length - surrogatePairsNr;
	};
})();
const isFullWidth = (x) => {
	return x === 12288 || x >= 65281 && x <= 65376 || x >= 65504 && x <= 65510;
};
const isWideNotCJKTNotEmoji = (x) => {
	return x === 8987 || x === 9001 || x >= 12272 && x <= 12287 || x >= 12289 && x <= 12350 || x >= 12441 && x <= 12543 || x >= 12549 && x <= 12591 || x >= 12593 && x <= 12686 || x >= 12688 && x <= 12771 || x >= 12783 && x <= 12830 || x >= 12832 && x <= 12871 || x >= 12880 && x <= 19903 || x >= 65040 && x <= 65049 || x >= 65072 && x <= 65106 || x >= 65108 && x <= 65126 || x >= 65128 && x <= 65131 || x >= 127488 && x <= 127490 || x >= 127504 && x <= 127547 || x >= 127552 && x <= 127560 || x >= 131072 && x <= 196605 || x >= 196608 && x <= 262141;
};
// node_modules/fast-string-truncated-width/dist/index.js
const ANSI_RE = /[\u001b\u009b][[()#;?]*(?:[0-9]{1,4}(?:;[0-9]{0,4})*)?[0-9A-ORZcf-nqry=><]|\u001b\]8;[^;]*;.*?(?:\u0007|\u001b\u005c)/y;
const CONTROL_RE = /[\x00-\x08\x0A-\x1F\x7F-\x9F]{1,1000}/y;
const CJKT_WIDE_RE = /(?:(?![\uFF61-\uFF9F\uFF00-\uFFEF])[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Tangut}]){1,1000}/uy;
const TAB_RE = /\t{1,1000}/y;
const EMOJI_RE = /[\u{1F1E6}-\u{1F1FF}]{2}|\u{1F3F4}[\u{E0061}-\u{E007A}]{2}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{1,3}\u{E007F}|(?:\p{Emoji}\uFE0F\u20E3?|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}?|\p{Emoji_Presentation})(?:\u200D(?:\p{Emoji_Modifier_Base}\p{Emoji_Modifier}?|\p{Emoji_Presentation}|\p{Emoji}\uFE0F\u20E3?))*/uy;
const LATIN_RE = /(?:[\x20-\x7E\xA0-\xFF](?!\uFE0F)){1,1000}/y;
const MODIFIER_RE = /\p{M}+/gu;
const NO_TRUNCATION$1 = {
	limit: Infinity,
	ellipsis: ""
};
const getStringTruncatedWidth = (input, truncationOptions = {}, widthOptions = {}) => {
	const LIMIT = truncationOptions.limit ?? Infinity;
	const ELLIPSIS = truncationOptions.ellipsis ?? "";
	const ELLIPSIS_WIDTH = truncationOptions?.ellipsisWidth ?? (ELLIPSIS ? getStringTruncatedWidth(ELLIPSIS, NO_TRUNCATION$1, widthOptions).width : 0);
	const ANSI_WIDTH = 0;
	const CONTROL_WIDTH = widthOptions.controlWidth ?? 0;
	const TAB_WIDTH = widthOptions.tabWidth ?? 8;
	const EMOJI_WIDTH = widthOptions.emojiWidth ?? 2;
	const FULL_WIDTH_WIDTH = 2;
	const REGULAR_WIDTH = widthOptions.regularWidth ?? 1;
	const WIDE_WIDTH = widthOptions.wideWidth ?? FULL_WIDTH_WIDTH;
	const PARSE_BLOCKS = [
		[LATIN_RE, REGULAR_WIDTH],
		[ANSI_RE, ANSI_WIDTH],
		[CONTROL_RE, CONTROL_WIDTH],
		[TAB_RE, TAB_WIDTH],
		[EMOJI_RE, EMOJI_WIDTH],
		[CJKT_WIDE_RE, WIDE_WIDTH]
	];
	let indexPrev = 0;
	let index = 0;
	let length = input.length;
	let lengthExtra = 0;
	let truncationEnabled = false;
	let truncationIndex = length;
	let truncationLimit = Math.max(0, LIMIT - ELLIPSIS_WIDTH);
	let unmatchedStart = 0;
	let unmatchedEnd = 0;
	let width = 0;
	let widthExtra = 0;
	outer: while (true) {
		if (unmatchedEnd > unmatchedStart || index >= length && index > indexPrev) {
			const unmatched = input.slice(unmatchedStart, unmatchedEnd) || input.slice(indexPrev, index);
			lengthExtra = 0;
			for (const char of unmatched.replaceAll(MODIFIER_RE, "")) {
				const codePoint = char.codePointAt(0) || 0;
				if (isFullWidth(codePoint)) widthExtra = FULL_WIDTH_WIDTH;
				else if (isWideNotCJKTNotEmoji(codePoint)) widthExtra = WIDE_WIDTH;
				else widthExtra = REGULAR_WIDTH;
				if (width + widthExtra > truncationLimit) truncationIndex = Math.min(truncationIndex, Math.max(unmatchedStart, indexPrev) + lengthExtra);
				if (width + widthExtra > LIMIT) {
					truncationEnabled = true;
					break outer;
				}
				lengthExtra += char.length;
				width += widthExtra;
			}
			unmatchedStart = unmatchedEnd = 0;
		}
		if (index >= length) break outer;
		for (let i = 0, l = PARSE_BLOCKS.length; i < l; i++) {
			const [BLOCK_RE, BLOCK_WIDTH] = PARSE_BLOCKS[i];
			BLOCK_RE.lastIndex = index;
			if (BLOCK_RE.test(input)) {
				lengthExtra = BLOCK_RE === CJKT_WIDE_RE ? getCodePointsLength(input.slice(index, BLOCK_RE.lastIndex)) : BLOCK_RE === EMOJI_RE ? 1 : BLOCK_RE.lastIndex - index;
				widthExtra = lengthExtra * BLOCK_WIDTH;
				if (width + widthExtra > truncationLimit) truncationIndex = Math.min(truncationIndex, index + Math.floor((truncationLimit - width) / BLOCK_WIDTH));
				if (width + widthExtra > LIMIT) {
					truncationEnabled = true;
					break outer;
				}
				width += widthExtra;
				unmatchedStart = indexPrev;
				unmatchedEnd = index;
				index = indexPrev = BLOCK_RE.lastIndex;
				continue outer;
			}
		}
		index += 1;
	}
	return {
		width: truncationEnabled ? truncationLimit : width,
		index: truncationEnabled ? truncationIndex : length,
		truncated: truncationEnabled,
		ellipsed: truncationEnabled && LIMIT >= ELLIPSIS_WIDTH
	};
};
// node_modules/fast-string-width/dist/index.js
const NO_TRUNCATION = {
	limit: Infinity,
	ellipsis: "",
	ellipsisWidth: 0
};
const fastStringWidth = (input, options = {}) => {
	return getStringTruncatedWidth(input, NO_TRUNCATION, options).width;
};
// node_modules/fast-wrap-ansi/lib/main.js
const ESC$1 = "\x1B";
const CSI$1 = "\u009b";
const END_CODE = 39;
const ANSI_ESCAPE_BELL = "\x07";
const ANSI_CSI = "[";
const ANSI_OSC = "]";
const ANSI_SGR_TERMINATOR = "m";
const ANSI_ESCAPE_LINK = `${ANSI_OSC}8;;`;
const GROUP_REGEX = new RegExp(`(?:\\${ANSI_CSI}(?<code>\\d+)m|\\${ANSI_ESCAPE_LINK}(?<uri>.*)${ANSI_ESCAPE_BELL})`, "y");
const getClosingCode = (openingCode) => {
	if (openingCode >= 30 && openingCode <= 37) return 39;
	if (openingCode >= 90 && openingCode <= 97) return 39;
	if (openingCode >= 40 && openingCode <= 47) return 49;
	if (openingCode >= 100 && openingCode <= 107) return 49;
	if (openingCode === 1 || openingCode === 2) return 22;
	if (openingCode === 3) return 23;
	if (openingCode === 4) return 24;
	if (openingCode === 7) return 27;
	if (openingCode === 8) return 28;
	if (openingCode === 9) return 29;
	if (openingCode === 0) return 0;
};
const wrapAnsiCode = (code) => `${ESC$1}${ANSI_CSI}${code}${ANSI_SGR_TERMINATOR}`;
const wrapAnsiHyperlink = (url) => `${ESC$1}${ANSI_ESCAPE_LINK}${url}${ANSI_ESCAPE_BELL}`;
const wrapWord = (rows, word, columns) => {
	const characters = word[Symbol.iterator]();
	let isInsideEscape = false;
	let isInsideLinkEscape = false;
	let lastRow = rows.at(-1);
	let visible = lastRow === void 0 ? 0 : fastStringWidth(lastRow);
	let currentCharacter = characters.next();
	let nextCharacter = characters.next();
	let rawCharacterIndex = 0;
	while (!currentCharacter.done) {
		const character = currentCharacter.value;
		const characterLength = fastStringWidth(character);
		if (visible + characterLength <= columns) rows[rows.length - 1] += character;
		else {
			rows.push(character);
			visible = 0;
		}
		if (character === ESC$1 || character === CSI$1) {
			isInsideEscape = true;
			isInsideLinkEscape = word.startsWith(ANSI_ESCAPE_LINK, rawCharacterIndex + 1);
		}
		if (isInsideEscape) {
			if (isInsideLinkEscape) {
				if (character === ANSI_ESCAPE_BELL) {
					isInsideEscape = false;
					isInsideLinkEscape = false;
				}
			} else if (character === ANSI_SGR_TERMINATOR) isInsideEscape = false;
		} else {
			visible += characterLength;
			if (visible === columns && !nextCharacter.done) {
				rows.push("");
				visible = 0;
			}
		}
		currentCharacter = nextCharacter;
		nextCharacter = characters.next();
		rawCharacterIndex += character.length;
	}
	lastRow = rows.at(-1);
	if (!visible && lastRow !== void 0 && lastRow.length && rows.length > 1) rows[rows.length - 2] += rows.pop();
};
const stringVisibleTrimSpacesRight = (string) => {
	const words = string.split(" ");
	let last = words.length;
	while (last) {
		if (fastStringWidth(words[last - 1])) break;
		last--;
	}
	if (last === words.length) return string;
	return words.slice(0, last).join(" ") + words.slice(last).join("");
};
const exec = (string, columns, options = {}) => {
	if (options.trim !== false && string.trim() === "") return "";
	let returnValue = "";
	let escapeCode;
	let escapeUrl;
	const words = string.split(" ");
	let rows = [""];
	let rowLength = 0;
	for (let index = 0; index < words.length; index++) {
		const word = words[index];
		if (options.trim !== false) {
			const row = rows.at(-1) ?? "";
			const trimmed = row.trimStart();
			if (row.length !== trimmed.length) {
				rows[rows.length - 1] = trimmed;
				rowLength = fastStringWidth(trimmed);
			}
		}
		if (index !== 0) {
			if (rowLength >= columns && (options.wordWrap === false || options.trim === false)) {
				rows.push("");
				rowLength = 0;
			}
			if (rowLength || options.trim === false) {
				rows[rows.length - 1] += " ";
				rowLength++;
			}
		}
		const wordLength = fastStringWidth(word);
		if (options.hard && wordLength > columns) {
			const remainingColumns = columns - rowLength;
			const breaksStartingThisLine = 1 + Math.floor((wordLength - remainingColumns - 1) / columns);
			if (Math.floor((wordLength - 1) / columns) < breaksStartingThisLine) rows.push("");
			wrapWord(rows, word, columns);
			rowLength = fastStringWidth(rows.at(-1) ?? "");
			continue;
		}
		if (rowLength + wordLength > columns && rowLength && wordLength) {
			if (options.wordWrap === false && rowLength < columns) {
				wrapWord(rows, word, columns);
				rowLength = fastStringWidth(rows.at(-1) ?? "");
				continue;
			}
			rows.push("");
			rowLength = 0;
		}
		if (rowLength + wordLength > columns && options.wordWrap === false) {
			wrapWord(rows, word, columns);
			rowLength = fastStringWidth(rows.at(-1) ?? "");
			continue;
		}
		rows[rows.length - 1] += word;
		rowLength += wordLength;
	}
	if (options.trim !== false) rows = rows.map((row) => stringVisibleTrimSpacesRight(row));
	const preString = rows.join("\n");
	let inSurrogate = false;
	for (let i = 0; i < preString.length; i++) {
		const character = preString[i];
		returnValue += character;
		if (!inSurrogate) {
			inSurrogate = character >= "\ud800" && character <= "\udbff";
			if (inSurrogate) continue;
		} else inSurrogate = false;
		if (character === ESC$1 || character === CSI$1) {
			GROUP_REGEX.lastIndex = i + 1;
			const groups = GROUP_REGEX.exec(preString)?.groups;
			if (groups?.code !== void 0) {
				const code = Number.parseFloat(groups.code);
				escapeCode = code === END_CODE ? void 0 : code;
			} else if (groups?.uri !== void 0) escapeUrl = groups.uri.length === 0 ? void 0 : groups.uri;
		}
		if (preString[i + 1] === "\n") {
			if (escapeUrl) returnValue += wrapAnsiHyperlink("");
			const closingCode = escapeCode ? getClosingCode(escapeCode) : void 0;
			if (escapeCode && closingCode) returnValue += wrapAnsiCode(closingCode);
		} else if (character === "\n") {
			if (escapeCode && getClosingCode(escapeCode)) returnValue += wrapAnsiCode(escapeCode);
			if (escapeUrl) returnValue += wrapAnsiHyperlink(escapeUrl);
		}
	}
	return returnValue;
};
const CRLF_OR_LF = /\r?\n/;
function wrapAnsi(string, columns, options) {
	return String(string).normalize().split(CRLF_OR_LF).map((line) => exec(line, columns, options)).join("\n");
}
// node_modules/sisteransi/dist/index.js
const ESC = "\x1B";
const CSI = `${ESC}[`;
const cursor = {
	to(x, y) {
		if (!y) return `${CSI}${x + 1}G`;
		return `${CSI}${y + 1};${x + 1}H`;
	},
	move(x, y) {
		let ret = "";
		if (x < 0) ret += `${CSI}${-x}D`;
		else if (x > 0) ret += `${CSI}${x}C`;
		if (y < 0) ret += `${CSI}${-y}A`;
		else if (y > 0) ret += `${CSI}${y}B`;
		return ret;
	},
	up: (count = 1) => `${CSI}${count}A`,
	down: (count = 1) => `${CSI}${count}B`,
	forward: (count = 1) => `${CSI}${count}C`,
	backward: (count = 1) => `${CSI}${count}D`,
	nextLine: (count = 1) => `${CSI}E`.repeat(count),
	prevLine: (count = 1) => `${CSI}F`.repeat(count),
	left: `${CSI}G`,
	hide: `${CSI}?25l`,
	show: `${CSI}?25h`,
	save: `${ESC}7`,
	restore: `${ESC}8`
};
const erase = {
	screen: `${CSI}2J`,
	up: (count = 1) => `${CSI}1J`.repeat(count),
	down: (count = 1) => `${CSI}J`.repeat(count),
	line: `${CSI}2K`,
	lineEnd: `${CSI}K`,
	lineStart: `${CSI}1K`,
	lines(count) {
		let clear = "";
		for (let i = 0; i < count; i++) clear += this.line + (i < count - 1 ? cursor.up() : "");
		if (count) clear += cursor.left;
		return clear;
	}
};
// node_modules/@clack/core/dist/index.mjs
function findCursor(o, s, l) {
	if (!l.some((r) => !r.disabled)) return o;
	const t = o + s, n = Math.max(l.length - 1, 0), e = t < 0 ? n : t > n ? 0 : t;
	return l[e]?.disabled ? findCursor(e, s < 0 ? -1 : 1, l) : e;
}
const settings = {
	actions: /* @__PURE__ */ new Set([
		"up",
		"down",
		"left",
		"right",
		"space",
		"enter",
		"cancel"
	]),
	aliases: /* @__PURE__ */ new Map([
		["k", "up"],
		["j", "down"],
		["h", "left"],
		["l", "right"],
		["", "cancel"],
		["escape", "cancel"]
	]),
	messages: {
		cancel: "Canceled",
		error: "Something went wrong"
	},
	withGuide: true,
	accessible: void 0,
	date: {
		monthNames: [...[
			"January",
			"February",
			"March",
			"April",
			"May",
			"June",
			"July",
			"August",
			"September",
			"October",
			"November",
			"December"
		]],
		messages: {
			required: "Please enter a valid date",
			invalidMonth: "There are only 12 months in a year",
			invalidDay: (n, e) => `There are only ${n} days in ${e}`,
			afterMin: (n) => `Date must be on or after ${n.toISOString().slice(0, 10)}`,
			beforeMax: (n) => `Date must be on or before ${n.toISOString().slice(0, 10)}`
		}
	}
};
function isAccessible(n) {
	if (n !== void 0) return n;
	if (settings.accessible !== void 0) return settings.accessible;
	const e = process.env.ACCESSIBLE;
	return e !== void 0 && e !== "" && e !== "0" && e !== "false";
}
function isActionKey(n, e) {
	if (typeof n == "string") return settings.aliases.get(n) === e;
	for (const s of n) if (s !== void 0 && isActionKey(s, e)) return true;
	return false;
}
function diffLines(i, s) {
	if (i === s) return;
	const e = i.split(`
`), t = s.split(`
`), r = Math.max(e.length, t.length), f = [];
	for (let n = 0; n < r; n++) e[n] !== t[n] && f.push(n);
	return {
		lines: f,
		numLinesBefore: e.length,
		numLinesAfter: t.length,
		numLines: r
	};
}
globalThis.process.platform.startsWith("win");
const CANCEL_SYMBOL = Symbol("clack:cancel");
function setRawMode(e, r) {
	const o = e;
	o.isTTY && o.setRawMode(r);
}
const getColumns = (e) => "columns" in e && typeof e.columns == "number" ? e.columns : 80;
const getRows = (e) => "rows" in e && typeof e.rows == "number" ? e.rows : 20;
function wrapTextWithPrefix(e, r, o, n = o, s = o, t) {
	return wrapAnsi(r, getColumns(e ?? node_process__WEBPACK_IMPORTED_MODULE_10__.stdout) - fastStringWidth(o), {
		hard: true,
		trim: false
	}).split(`
`).map((c, a, g) => {
		const m = t ? t(c, a) : c;
		return a === 0 ? `${n}${m}` : a === g.length - 1 ? `${s}${m}` : `${o}${m}`;
	}).join(`
`);
}
function runValidation(e, a) {
	if ("~standard" in e) {
		const n = e["~standard"].validate(a);
		return n instanceof Promise ? n.then((r) => r.issues?.at(0)?.message) : n.issues?.at(0)?.message;
	}
	return e(a);
}
let C$1 = class C {
	input;
	output;
	_abortSignal;
	rl;
	opts;
	_render;
	_track = false;
	_prevFrame = "";
	_subscribers = /* @__PURE__ */ new Map();
	_cursor = 0;
	state = "initial";
	error = "";
	value;
	userInput = "";
	/**
	* Whether accessible (static, screen-reader friendly) output is enabled for
	* this prompt, resolved from the `accessible` option, the global setting,
	* and the `ACCESSIBLE` env var.
	*/
	get accessible() {
		return isAccessible(this.opts.accessible);
	}
	constructor(t, e = true) {
		const { input: i = node_process__WEBPACK_IMPORTED_MODULE_10__.stdin, output: s = node_process__WEBPACK_IMPORTED_MODULE_10__.stdout, render: r, signal: n, ...o } = t;
		this.opts = o, this.onKeypress = this.onKeypress.bind(this), this.close = this.close.bind(this), this.render = this.render.bind(this), this._render = r.bind(this), this._track = e, this._abortSignal = n, this.input = i, this.output = s;
	}
	/**
	* Unsubscribe all listeners
	*/
	unsubscribe() {
		this._subscribers.clear();
	}
	/**
	* Set a subscriber with opts
	* @param event - The event name
	*/
	setSubscriber(t, e) {
		const i = this._subscribers.get(t) ?? [];
		i.push(e), this._subscribers.set(t, i);
	}
	/**
	* Subscribe to an event
	* @param event - The event name
	* @param cb - The callback
	*/
	on(t, e) {
		this.setSubscriber(t, { cb: e });
	}
	/**
	* Subscribe to an event once
	* @param event - The event name
	* @param cb - The callback
	*/
	once(t, e) {
		this.setSubscriber(t, {
			cb: e,
			once: true
		});
	}
	/**
	* Emit an event with data
	* @param event - The event name
	* @param data - The data to pass to the callback
	*/
	emit(t, ...e) {
		const i = this._subscribers.get(t) ?? [], s = [];
		for (const r of i) r.cb(...e), r.once && s.push(() => i.splice(i.indexOf(r), 1));
		for (const r of s) r();
	}
	prompt() {
		return new Promise((t) => {
			if (this._abortSignal) {
				if (this._abortSignal.aborted) return this.state = "cancel", this.close(), t(CANCEL_SYMBOL);
				this._abortSignal.addEventListener("abort", () => {
					this.state = "cancel", this.close();
				}, { once: true });
			}
			this.rl = node_readline__WEBPACK_IMPORTED_MODULE_4__.createInterface({
				input: this.input,
				tabSize: 2,
				prompt: "",
				escapeCodeTimeout: 50,
				terminal: true
			}), this.rl.prompt(), this.opts.initialUserInput !== void 0 && this._setUserInput(this.opts.initialUserInput, true), this.input.on("keypress", this.onKeypress), setRawMode(this.input, true), this.output.on("resize", this.render), this.render(), this.once("submit", () => {
				this.output.write(cursor.show), this.output.off("resize", this.render), setRawMode(this.input, false), t(this.value);
			}), this.once("cancel", () => {
				this.output.write(cursor.show), this.output.off("resize", this.render), setRawMode(this.input, false), t(CANCEL_SYMBOL);
			});
		});
	}
	_isActionKey(t, e) {
		return t === "	";
	}
	_shouldSubmit(t, e) {
		return true;
	}
	_setValue(t) {
		this.value = t, this.emit("value", this.value);
	}
	_setUserInput(t, e) {
		this.userInput = t ?? "", this.emit("userInput", this.userInput), e && this._track && this.rl && (this.rl.write(this.userInput), this._cursor = this.rl.cursor);
	}
	_clearUserInput() {
		this.rl?.write(null, {
			ctrl: true,
			name: "u"
		}), this._setUserInput("");
	}
	async onKeypress(t, e) {
		if (this.state !== "validating") {
			if (this._track && e.name !== "return" && (e.name && this._isActionKey(t, e) && this.rl?.write(null, {
				ctrl: true,
				name: "h"
			}), this._cursor = this.rl?.cursor ?? 0, this._setUserInput(this.rl?.line)), this.state === "error" && (this.state = "active"), e?.name && (!this._track && settings.aliases.has(e.name) && this.emit("cursor", settings.aliases.get(e.name)), settings.actions.has(e.name) && this.emit("cursor", e.name)), t && (t.toLowerCase() === "y" || t.toLowerCase() === "n") && this.emit("confirm", t.toLowerCase() === "y"), this.emit("key", t, e), e?.name === "return" && this._shouldSubmit(t, e)) {
				if (this.opts.validate) {
					const i = runValidation(this.opts.validate, this.value);
					let s;
					i instanceof Promise ? (this.state = "validating", this.render(), s = await i) : s = i, s && (this.error = s instanceof Error ? s.message : s, this.state = "error", this.rl?.write(this.userInput));
				}
				this.state !== "error" && (this.state = "submit");
			}
			isActionKey([
				t,
				e?.name,
				e?.sequence
			], "cancel") && (this.state = "cancel"), (this.state === "submit" || this.state === "cancel") && this.emit("finalize"), this.render(), (this.state === "submit" || this.state === "cancel") && this.close();
		}
	}
	close() {
		this.input.unpipe(), this.input.removeListener("keypress", this.onKeypress), this.output.write(`
`), setRawMode(this.input, false), this.rl?.close(), this.rl = void 0, this.emit(`${this.state}`, this.value), this.unsubscribe();
	}
	restoreCursor() {
		const t = wrapAnsi(this._prevFrame, getColumns(this.output), {
			hard: true,
			trim: false
		}).split(`
`).length - 1;
		this.output.write(cursor.move(-999, t * -1));
	}
	render() {
		const t = wrapAnsi(this._render(this) ?? "", getColumns(this.output), {
			hard: true,
			trim: false
		});
		if (t !== this._prevFrame) {
			if (this.state === "initial") this.output.write(cursor.hide);
			else {
				const e = diffLines(this._prevFrame, t), i = getRows(this.output);
				if (this.restoreCursor(), e) {
					const s = Math.max(0, e.numLinesAfter - i), r = Math.max(0, e.numLinesBefore - i);
					let n = e.lines.find((o) => o >= s);
					if (n === void 0) {
						this._prevFrame = t;
						return;
					}
					if (e.lines.length === 1) {
						this.output.write(cursor.move(0, n - r)), this.output.write(erase.lines(1));
						const o = t.split(`
`);
						this.output.write(o[n]), this._prevFrame = t, this.output.write(cursor.move(0, o.length - n - 1));
						return;
					} else if (e.lines.length > 1) {
						if (s < r) n = s;
						else {
							const h = n - r;
							h > 0 && this.output.write(cursor.move(0, h));
						}
						this.output.write(erase.down());
						const m = t.split(`
`).slice(n);
						this.output.write(m.join(`
`)), this._prevFrame = t;
						return;
					}
				}
				this.output.write(erase.down());
			}
			this.output.write(t), this.state === "initial" && (this.state = "active"), this._prevFrame = t;
		}
	}
};
var r = class extends C$1 {
	get cursor() {
		return this.value ? 0 : 1;
	}
	get _value() {
		return this.cursor === 0;
	}
	constructor(t) {
		super(t, false), this.value = !!t.initialValue, this.on("userInput", () => {
			this.value = this._value;
		}), this.on("confirm", (i) => {
			this.output.write(cursor.move(0, -1)), this.value = i, this.state = "submit", this.close();
		}), this.on("cursor", () => {
			this.value = !this.value;
		});
	}
};
var u$2 = class extends C$1 {
	_mask = "\u2022";
	get cursor() {
		return this._cursor;
	}
	get masked() {
		return this.userInput.replaceAll(/./g, this._mask);
	}
	get userInputWithCursor() {
		if (this.state === "submit" || this.state === "cancel") return this.masked;
		const t = this.userInput;
		if (this.cursor >= t.length) return `${this.masked}${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)(["inverse", "hidden"], "_")}`;
		const s = this.masked, r = s.slice(0, this.cursor), i = s.slice(this.cursor, this.cursor + 1), o = s.slice(this.cursor + 1);
		return `${r}${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("inverse", i)}${o}`;
	}
	clear() {
		this._clearUserInput();
	}
	constructor({ mask: t, ...s }) {
		super(s), this._mask = t ?? "\u2022", this.on("userInput", (r) => {
			this._setValue(r);
		}), this.on("finalize", () => {
			this.value === void 0 && (this.value = "");
		});
	}
};
let n$1 = class n extends C$1 {
	options;
	cursor = 0;
	get _selectedValue() {
		return this.options[this.cursor];
	}
	changeValue() {
		const e = this._selectedValue;
		this.value = e === void 0 ? void 0 : e.value;
	}
	constructor(e) {
		super(e, false), this.options = e.options;
		const o = this.options.findIndex(({ value: s }) => s === e.initialValue), t = o === -1 ? 0 : o;
		this.cursor = this.options[t]?.disabled ? findCursor(t, 1, this.options) : t, this.changeValue(), this.on("cursor", (s) => {
			switch (s) {
				case "left":
				case "up":
					this.cursor = findCursor(this.cursor, -1, this.options);
					break;
				case "down":
				case "right": this.cursor = findCursor(this.cursor, 1, this.options);
			}
			this.changeValue();
		});
	}
};
var n = class extends C$1 {
	get userInputWithCursor() {
		if (this.state === "submit") return this.userInput;
		const t = this.userInput;
		if (this.cursor >= t.length) return `${this.userInput}\u2588`;
		const r = t.slice(0, this.cursor), s = t.slice(this.cursor, this.cursor + 1), e = t.slice(this.cursor + 1);
		return `${r}${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("inverse", s)}${e}`;
	}
	get cursor() {
		return this._cursor;
	}
	constructor(t) {
		super({
			...t,
			initialUserInput: t.initialUserInput ?? t.initialValue
		}), this.on("userInput", (r) => {
			this._setValue(r);
		}), this.on("finalize", () => {
			this.value || (this.value = t.defaultValue), this.value === void 0 && (this.value = "");
		});
	}
};
// node_modules/@clack/prompts/dist/index.mjs
function isUnicodeSupported() {
	if (node_process__WEBPACK_IMPORTED_MODULE_10__.platform !== "win32") return node_process__WEBPACK_IMPORTED_MODULE_10__.env.TERM !== "linux";
	return Boolean(node_process__WEBPACK_IMPORTED_MODULE_10__.env.CI) || Boolean(node_process__WEBPACK_IMPORTED_MODULE_10__.env.WT_SESSION) || Boolean(node_process__WEBPACK_IMPORTED_MODULE_10__.env.TERMINUS_SUBLIME) || node_process__WEBPACK_IMPORTED_MODULE_10__.env.ConEmuTask === "{cmd::Cmder}" || node_process__WEBPACK_IMPORTED_MODULE_10__.env.TERM_PROGRAM === "Terminus-Sublime" || node_process__WEBPACK_IMPORTED_MODULE_10__.env.TERM_PROGRAM === "vscode" || node_process__WEBPACK_IMPORTED_MODULE_10__.env.TERM === "xterm-256color" || node_process__WEBPACK_IMPORTED_MODULE_10__.env.TERM === "alacritty" || node_process__WEBPACK_IMPORTED_MODULE_10__.env.TERMINAL_EMULATOR === "JetBrains-JediTerm";
}
const unicode = isUnicodeSupported();
const unicodeOr = (e, o) => unicode ? e : o;
const S_STEP_ACTIVE = unicodeOr("\u25c6", "*");
const S_STEP_CANCEL = unicodeOr("\u25a0", "x");
const S_STEP_ERROR = unicodeOr("\u25b2", "x");
const S_STEP_SUBMIT = unicodeOr("\u25c7", "o");
const S_BAR = unicodeOr("\u2502", "|");
const S_BAR_END = unicodeOr("\u2514", "\u2014");
const S_RADIO_ACTIVE = unicodeOr("\u25cf", ">");
const S_RADIO_INACTIVE = unicodeOr("\u25cb", " ");
const S_PASSWORD_MASK = unicodeOr("\u25aa", "\u2022");
const symbol = (e) => {
	switch (e) {
		case "initial":
		case "active": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_STEP_ACTIVE);
		case "cancel": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("red", S_STEP_CANCEL);
		case "error": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("yellow", S_STEP_ERROR);
		case "submit": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("green", S_STEP_SUBMIT);
		case "validating": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", S_STEP_ACTIVE);
	}
};
const symbolBar = (e) => {
	switch (e) {
		case "initial":
		case "active": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR);
		case "cancel": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("red", S_BAR);
		case "error": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("yellow", S_BAR);
		case "submit": return (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("green", S_BAR);
	}
};
function formatInstructionFooter(e, o, r) {
	const s = r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR)}  ` : "", n = wrapTextWithPrefix(e, o.join(" \u2022 "), s).split(`
`);
	return r && n.push((0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR_END)), n;
}
const E$1 = (l, e, w, p, b, C = false) => {
	let r = e, O = 0;
	if (C) for (let i = p - 1; i >= w; i--) {
		const m = l[i];
		if (m && (r -= m.length), O++, r <= b) break;
	}
	else for (let i = w; i < p; i++) {
		const m = l[i];
		if (m && (r -= m.length), O++, r <= b) break;
	}
	return {
		lineCount: r,
		removals: O
	};
};
const limitOptions = ({ cursor: l, options: e, style: w, output: p = process.stdout, maxItems: b = Number.POSITIVE_INFINITY, columnPadding: C = 0, rowPadding: r = 4 }) => {
	const i = getColumns(p) - C, m = getRows(p), M = (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", "..."), v = Math.max(m - r, 0), a = Math.max(Math.min(b, v), 5);
	let f = 0;
	l >= a - 3 && (f = Math.max(Math.min(l - a + 3, e.length - a), 0));
	let d = a < e.length && f > 0, c = a < e.length && f + a < e.length;
	const I = Math.min(f + a, e.length), s = [];
	let g = 0;
	d && g++, c && g++;
	const T = f + (d ? 1 : 0), W = I - (c ? 1 : 0);
	for (let t = T; t < W; t++) {
		const n = e[t], h = wrapAnsi(n !== void 0 ? w(n, t === l) : "", i, {
			hard: true,
			trim: false
		}).split(`
`);
		s.push(h), g += h.length;
	}
	if (g > v) {
		let t = 0, n = 0, o = g;
		const h = l - T;
		let u = v;
		const L = () => E$1(s, o, 0, h, u), y = () => E$1(s, o, h + 1, s.length, u, true);
		d ? ({lineCount: o, removals: t} = L(), o > u && (c || (u -= 1), {lineCount: o, removals: n} = y())) : (c || (u -= 1), {lineCount: o, removals: n} = y(), o > u && (u -= 1, {lineCount: o, removals: t} = L())), t > 0 && (d = true, s.splice(0, t)), n > 0 && (c = true, s.splice(s.length - n, n));
	}
	const x = [];
	d && x.push(M);
	for (const t of s) for (const n of t) x.push(n);
	return c && x.push(M), x;
};
const confirm = (e) => {
	const a = e.active ?? "Yes", o = e.inactive ?? "No";
	return new r({
		active: a,
		inactive: o,
		signal: e.signal,
		input: e.input,
		output: e.output,
		initialValue: e.initialValue ?? true,
		render() {
			const i = e.withGuide ?? settings.withGuide, u = `${symbol(this.state)}  `, l = i ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}  ` : "", f = wrapTextWithPrefix(e.output, e.message, l, u), s = `${i ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}
` : ""}${f}
`, c = this.value ? a : o;
			switch (this.state) {
				case "submit": return `${s}${i ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}  ` : ""}${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", c)}`;
				case "cancel": return `${s}${i ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}  ` : ""}${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)(["strikethrough", "dim"], c)}${i ? `
${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}` : ""}`;
				default: {
					const r = i ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR)}  ` : "", g = i ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR_END) : "";
					return `${s}${r}${this.value ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("green", S_RADIO_ACTIVE)} ${a}` : `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", S_RADIO_INACTIVE)} ${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", a)}`}${e.vertical ? i ? `
${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR)}  ` : `
` : ` ${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", "/")} `}${this.value ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", S_RADIO_INACTIVE)} ${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", o)}` : `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("green", S_RADIO_ACTIVE)} ${o}`}
${g}
`;
				}
			}
		}
	}).prompt();
};
`${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", "\u2191/\u2193")}`, `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", "Space:")}`, `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", "Enter:")}`;
const password = (e) => new u$2({
	validate: e.validate,
	mask: e.mask ?? S_PASSWORD_MASK,
	signal: e.signal,
	input: e.input,
	output: e.output,
	render() {
		const r = e.withGuide ?? settings.withGuide, o = `${r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}
` : ""}${symbol(this.state)}  ${e.message}
`, m = this.userInputWithCursor, i = this.masked;
		switch (this.state) {
			case "error": {
				const s = r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("yellow", S_BAR)}  ` : "", n = r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("yellow", S_BAR_END)}  ` : "", d = i ?? "";
				return e.clearOnError && this.clear(), `${o.trim()}
${s}${d}
${n}${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("yellow", this.error)}
`;
			}
			case "submit": return `${o}${r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}  ` : ""}${i ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", i) : ""}`;
			case "cancel": return `${o}${r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}  ` : ""}${i ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)(["strikethrough", "dim"], i) : ""}${i && r ? `
${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}` : ""}`;
			default: return `${o}${r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR)}  ` : ""}${m}
${r ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR_END) : ""}
`;
		}
	}
}).prompt();
const SELECT_INSTRUCTIONS = [`${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", "\u2191/\u2193")} to navigate`, `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", "Enter:")} confirm`];
const c = (t, o) => t.includes(`
`) ? t.split(`
`).map((d) => o(d)).join(`
`) : o(t);
const select = (t) => {
	const o = (n, m) => {
		if (n === void 0) return "";
		const s = n.label ?? String(n.value);
		switch (m) {
			case "disabled": return `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_RADIO_INACTIVE)} ${c(s, (i) => (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", i))}${n.hint ? ` ${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", `(${n.hint ?? "disabled"})`)}` : ""}`;
			case "selected": return `${c(s, (i) => (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", i))}`;
			case "active": return `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("green", S_RADIO_ACTIVE)} ${s}${n.hint ? ` ${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", `(${n.hint})`)}` : ""}`;
			case "cancelled": return `${c(s, (i) => (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)(["strikethrough", "dim"], i))}`;
			default: return `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", S_RADIO_INACTIVE)} ${c(s, (i) => (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", i))}`;
		}
	}, d = t.showInstructions ?? true;
	return new n$1({
		options: t.options,
		signal: t.signal,
		input: t.input,
		output: t.output,
		initialValue: t.initialValue,
		render() {
			const n = t.withGuide ?? settings.withGuide, m = `${symbol(this.state)}  `, s = `${symbolBar(this.state)}  `, i = wrapTextWithPrefix(t.output, t.message, s, m), u = `${n ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}
` : ""}${i}
`;
			switch (this.state) {
				case "submit": {
					const r = n ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}  ` : "";
					return `${u}${wrapTextWithPrefix(t.output, o(this.options[this.cursor], "selected"), r)}`;
				}
				case "cancel": {
					const r = n ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}  ` : "";
					return `${u}${wrapTextWithPrefix(t.output, o(this.options[this.cursor], "cancelled"), r)}${n ? `
${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}` : ""}`;
				}
				default: {
					const r = n ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR)}  ` : "", a = u.split(`
`).length, p = d ? formatInstructionFooter(t.output, SELECT_INSTRUCTIONS, n) : n ? [(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR_END)] : [], f = p.join(`
`), b = p.length + 1;
					return `${u}${r}${limitOptions({
						output: t.output,
						cursor: this.cursor,
						options: this.options,
						maxItems: t.maxItems,
						columnPadding: r.length,
						rowPadding: a + b,
						style: (g, x) => o(g, g.disabled ? "disabled" : x ? "active" : "inactive")
					}).join(`
${r}`)}
${f}
`;
				}
			}
		}
	}).prompt();
};
`${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}`;
const text$1 = (t) => new n({
	validate: t.validate,
	placeholder: t.placeholder,
	defaultValue: t.defaultValue,
	initialValue: t.initialValue,
	output: t.output,
	signal: t.signal,
	input: t.input,
	render() {
		const r = t?.withGuide ?? settings.withGuide, l = `${`${r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR)}
` : ""}${symbol(this.state)}  `}${t.message}
`, d = t.placeholder && t.placeholder.length > 0 ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("inverse", t.placeholder[0]) + (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", t.placeholder.slice(1)) : (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)(["inverse", "hidden"], "_"), o = this.userInput ? this.userInputWithCursor : d, s = this.value ?? "";
		switch (this.state) {
			case "validating": {
				const n = r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR)}  ` : "", i = r ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR_END) : "";
				return `${l}${n}${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", o)}
${i}  ${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", "Validating...")}
`;
			}
			case "error": {
				const n = this.error ? `  ${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("yellow", this.error)}` : "", i = r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("yellow", S_BAR)}  ` : "", c = r ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("yellow", S_BAR_END) : "";
				return `${l.trim()}
${i}${o}
${c}${n}
`;
			}
			case "submit": {
				const n = s ? `${r ? "  " : ""}${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("dim", s)}` : "";
				return `${l}${r ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR) : ""}${n}`;
			}
			case "cancel": {
				const n = s ? `  ${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)(["strikethrough", "dim"], s)}` : "", i = r ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("gray", S_BAR) : "";
				return `${l}${i}${n}${s.trim() ? `
${i}` : ""}`;
			}
			default: return `${l}${r ? `${(0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR)}  ` : ""}${o}
${r ? (0,node_util__WEBPACK_IMPORTED_MODULE_6__.styleText)("cyan", S_BAR_END) : ""}
`;
		}
	}
}).prompt();
// src/cli/prompts.ts
/** Asks the person at a terminal. Questions go to standard error: standard output is for the result. */
/** Prompts at a terminal. */
function terminalPrompts(input, output, signal) {
	const common = {
		input,
		output: adapted(output),
		signal,
		withGuide: false
	};
	const trimmed = async (answer) => {
		const value = await answer;
		if (typeof value !== "string") throw new Interrupted();
		return value.trim();
	};
	const validate = (check) => (value) => check((value ?? "").trim());
	return {
		secret: (message, check) => trimmed(password({
			...common,
			message,
			validate: validate(check)
		})),
		secretLines: (message, isWhole) => hiddenLines(input, output, signal, message, isWhole),
		text: (message, check) => trimmed(text$1({
			...common,
			message,
			validate: validate(check)
		})),
		confirm: async (message, initialValue) => {
			const value = await confirm({
				...common,
				message,
				initialValue
			});
			if (typeof value !== "boolean") throw new Interrupted();
			return value;
		},
		choose: async (message, choices) => {
			const value = await select({
				...common,
				message,
				options: [...choices]
			});
			const chosen = choices.find((choice) => choice.value === value);
			if (!chosen) throw new Interrupted();
			return chosen.value;
		}
	};
}
/**
* Reads hidden lines. The library's prompts end at the first line break, and would show the remaining lines of a pasted
* key.
*/
async function hiddenLines(input, output, signal, question, isWhole) {
	const nowhere = new node_stream__WEBPACK_IMPORTED_MODULE_7__.Writable({ write: (_chunk, _encoding, done) => done() });
	const lines = (0,node_readline__WEBPACK_IMPORTED_MODULE_4__.createInterface)({
		input,
		output: nowhere,
		terminal: true,
		historySize: 0,
		signal
	});
	output.write(`${question}\n`);
	let typed = "";
	lines.on("line", (line) => {
		typed += `${line}\n`;
		if (typed.trim() !== "" && isWhole(typed)) lines.close();
	});
	lines.once("SIGINT", () => {
		typed = "";
		lines.close();
	});
	await (0,node_events__WEBPACK_IMPORTED_MODULE_9__.once)(lines, "close");
	if (typed === "" || !isWhole(typed)) throw new Interrupted();
	return typed.trim();
}
/** Columns to assume if the terminal does not say how many it has. */
const usualColumns = 80;
/**
* A terminal adapted to the library, which on Node.js 20 colours everything it writes, and which writes one letter per
* line if the terminal reports no columns.
*/
function adapted(output) {
	const colours = output.hasColors();
	if (colours && output.columns > 0) return output;
	const plain = new node_stream__WEBPACK_IMPORTED_MODULE_7__.Writable({
		decodeStrings: false,
		write: (chunk, _encoding, done) => {
			output.write(colours ? chunk : chunk.replace(/\u001b\[[\d;]*m/g, ""), () => done());
		}
	});
	return Object.defineProperties(plain, {
		columns: { get: () => output.columns || usualColumns },
		rows: { get: () => output.rows }
	});
}
// src/cli/main.ts
/** Entry point of the command line: only wiring. */
const { env, platform, stdin: stdin$1, stdout: stdout$1, stderr } = process;
const redactor = new Redactor();
const interruption = new Interruption(process);
const unchecked = keepCertificatesChecked(env);
const { proxies, secrets, problems } = useProxies(env);
for (const secret of secrets) redactor.add(secret);
const show = (line) => {
	stderr.write(`${line}\n`);
};
const tell = (line) => show(withoutCommands(redactor.redact(line)));
for (const problem of [...problems, ...unchecked === void 0 ? [] : [unchecked]]) tell(`Warning: ${problem}`);
/** The environment for programs that we start: without the credentials, which are none of their business. */
const harmlessVariables = () => Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:BOX_|GITHUB_TOKEN$)/i.test(name)));
/** From the package that contains the bundle, one folder up. */
const version = () => {
	const manifest = JSON.parse((0,node_fs__WEBPACK_IMPORTED_MODULE_2__.readFileSync)((0,node_path__WEBPACK_IMPORTED_MODULE_3__.join)(import.meta.dirname, "..", "package.json"), "utf8"));
	return isRecord(manifest) ? String(manifest["version"]) : "";
};
const exitCode = await runProgram({
	variables: env,
	redactor,
	interruption,
	prompts: stdin$1.isTTY && stderr.isTTY ? terminalPrompts(stdin$1, stderr, interruption.signal) : void 0,
	bold: (words) => stderr.isTTY && stderr.hasColors() ? `\u001b[1m${words}\u001b[22m` : words,
	readStandardInput: () => (0,node_stream_consumers__WEBPACK_IMPORTED_MODULE_5__.text)(stdin$1),
	readLines: (signal) => (0,node_readline__WEBPACK_IMPORTED_MODULE_4__.createInterface)({
		input: stdin$1,
		signal
	}),
	print: (result) => stdout$1.write(`${result}\n`),
	tell,
	show,
	run: async (name, args) => {
		const program = findProgram(name, platform, env);
		if (program === void 0) return void 0;
		try {
			return (await (0,node_util__WEBPACK_IMPORTED_MODULE_6__.promisify)(node_child_process__WEBPACK_IMPORTED_MODULE_1__.execFile)(program, [...args], { env: harmlessVariables() })).stdout;
		} catch {
			return;
		}
	},
	launch: async (name, args) => {
		const program = (0,node_path__WEBPACK_IMPORTED_MODULE_3__.isAbsolute)(name) ? name : findProgram(name, platform, env);
		if (program === void 0) return false;
		return new Promise((resolve) => {
			const child = (0,node_child_process__WEBPACK_IMPORTED_MODULE_1__.spawn)(program, [...args], {
				detached: true,
				stdio: "ignore",
				env: harmlessVariables()
			});
			child.once("error", () => resolve(false));
			child.once("spawn", () => resolve(true));
			child.unref();
		});
	}
}, {
	network: {
		fetch: nodeFetch,
		clock: systemClock,
		proxies
	},
	clock: systemClock,
	random: Math.random,
	platform,
	version
}, process.argv.slice(2));
process.exitCode = exitCode;
if (interruption.signal.aborted) stderr.write("", () => process.exit(exitCode));
else {
	stdin$1.destroy();
	endSoon(process);
}


__webpack_async_result__();
} catch(e) { __webpack_async_result__(e); } }, 1);

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
/******/ /* webpack/runtime/async module */
/******/ (() => {
/******/ 	var webpackQueues = typeof Symbol === "function" ? Symbol("webpack queues") : "__webpack_queues__";
/******/ 	var webpackExports = typeof Symbol === "function" ? Symbol("webpack exports") : "__webpack_exports__";
/******/ 	var webpackError = typeof Symbol === "function" ? Symbol("webpack error") : "__webpack_error__";
/******/ 	var resolveQueue = (queue) => {
/******/ 		if(queue && queue.d < 1) {
/******/ 			queue.d = 1;
/******/ 			queue.forEach((fn) => (fn.r--));
/******/ 			queue.forEach((fn) => (fn.r-- ? fn.r++ : fn()));
/******/ 		}
/******/ 	}
/******/ 	var wrapDeps = (deps) => (deps.map((dep) => {
/******/ 		if(dep !== null && typeof dep === "object") {
/******/ 			if(dep[webpackQueues]) return dep;
/******/ 			if(dep.then) {
/******/ 				var queue = [];
/******/ 				queue.d = 0;
/******/ 				dep.then((r) => {
/******/ 					obj[webpackExports] = r;
/******/ 					resolveQueue(queue);
/******/ 				}, (e) => {
/******/ 					obj[webpackError] = e;
/******/ 					resolveQueue(queue);
/******/ 				});
/******/ 				var obj = {};
/******/ 				obj[webpackQueues] = (fn) => (fn(queue));
/******/ 				return obj;
/******/ 			}
/******/ 		}
/******/ 		var ret = {};
/******/ 		ret[webpackQueues] = x => {};
/******/ 		ret[webpackExports] = dep;
/******/ 		return ret;
/******/ 	}));
/******/ 	__nccwpck_require__.a = (module, body, hasAwait) => {
/******/ 		var queue;
/******/ 		hasAwait && ((queue = []).d = -1);
/******/ 		var depQueues = new Set();
/******/ 		var exports = module.exports;
/******/ 		var currentDeps;
/******/ 		var outerResolve;
/******/ 		var reject;
/******/ 		var promise = new Promise((resolve, rej) => {
/******/ 			reject = rej;
/******/ 			outerResolve = resolve;
/******/ 		});
/******/ 		promise[webpackExports] = exports;
/******/ 		promise[webpackQueues] = (fn) => (queue && fn(queue), depQueues.forEach(fn), promise["catch"](x => {}));
/******/ 		module.exports = promise;
/******/ 		body((deps) => {
/******/ 			currentDeps = wrapDeps(deps);
/******/ 			var fn;
/******/ 			var getResult = () => (currentDeps.map((d) => {
/******/ 				if(d[webpackError]) throw d[webpackError];
/******/ 				return d[webpackExports];
/******/ 			}))
/******/ 			var promise = new Promise((resolve) => {
/******/ 				fn = () => (resolve(getResult));
/******/ 				fn.r = 0;
/******/ 				var fnQueue = (q) => (q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn))));
/******/ 				currentDeps.map((dep) => (dep[webpackQueues](fnQueue)));
/******/ 			});
/******/ 			return fn.r ? promise : getResult();
/******/ 		}, (err) => ((err ? reject(promise[webpackError] = err) : outerResolve(exports)), resolveQueue(queue)));
/******/ 		queue && queue.d < 0 && (queue.d = 0);
/******/ 	};
/******/ })();
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
/******/ 
/******/ // startup
/******/ // Load entry module and return exports
/******/ // This entry module used 'module' so it can't be inlined
/******/ var __webpack_exports__ = __nccwpck_require__(69);
/******/ __webpack_exports__ = await __webpack_exports__;
/******/ 
