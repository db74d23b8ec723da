var __webpack_exports__ = {};
// src/journal/step-state.ts
/** What the main step saves in its state for the post step. Imports nothing: most post steps need no more than this. */
/** Names in the step's state. `claim`: the claim that this step holds. `reported`: the main step has printed its annotation about the token. */
const stateNames = {
	journal: "journal",
	progress: "progress",
	reported: "reported",
	claim: "claim"
};
/**
* Whether the main step left something for the post step to do: a pair that may not be stored, or a claim.
*
* @param read gives a value of the step's state; `''` if there is none
*/
function isLeftToDo(read) {
	return isUnsettled(read) || read(stateNames.claim) !== "";
}
/** Whether there is a pair that may not be stored. */
function isUnsettled(read) {
	return read(stateNames.journal) !== "" && read(stateNames.progress) !== "settled";
}
// src/action/post.ts
/**
* Entry of the post step. After nearly every run there is nothing to do, and one check shows that: the rest is in a file of
* its own, which is only loaded when needed.
*/
if (isLeftToDo((name) => process.env[`STATE_${name}`] ?? "")) import(
	/* webpackIgnore: true */
	"./finish.js"
);


