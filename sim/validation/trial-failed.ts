/** A trial that failed answers no claim, and makes no verdict either: it may have been the machine. */
export class TrialFailed extends Error {}
