// Package logpattern answers whether a CloudWatch Logs filter pattern matches a log
// event, what it extracts, and which part of the pattern decided.
//
// It is pure: a pattern and a message go in, a verdict and its explanation come
// out. It covers the pattern language that metric filters, subscription filters
// and FilterLogEvents share: unstructured terms, regular expressions,
// space-delimited fields and JSON selectors. It is not Logs Insights, turns no
// match into a data point, and knows no quota of a log group.
//
// AWS describes the language by examples and leaves cases open. Where two readings
// of the documentation give different answers, the answer is an
// *InconclusiveError, never a guess.
//
// Source of the rules, cited at each one by its section:
//   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
//   - https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
//   - https://github.com/awsdocs/amazon-cloudwatch-logs-user-guide/blob/main/doc_source/FilterAndPatternSyntax.md
//     (the page before its revision of 2022, which says more about JSON values and extracted fields)
package logpattern
