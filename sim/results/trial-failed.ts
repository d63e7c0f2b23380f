/** A trial that failed answers nothing: it may have been the machine. */
export class TrialFailed extends Error {}
