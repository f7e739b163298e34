// Package eventpattern answers whether an EventBridge event pattern matches an
// event, and which key of the pattern decided.
//
// It is pure: a pattern and an event go in, a verdict and its explanation come out.
// It covers patterns of rules on an event bus with all documented comparison
// operators. It is not for pipes and SNS filter policies, which know fewer, or
// others. It does not measure the complexity for which EventBridge refuses some
// patterns with many wildcards or $or, nor ask whether an event has every field
// that EventBridge adds.
//
// Where the documentation leaves open what counts, or EventBridge's own open-source
// engine differs from it, the answer is an *InconclusiveError, never a guess.
//
// Source of the rules, cited at each one:
//   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
//   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
//   - https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
//   - https://github.com/aws/event-ruler (the engine: what it refuses, and with which words)
package eventpattern
