// Package alarm evaluates CloudWatch alarms: which state a metric alarm or a composite alarm has at a moment, in CloudWatch's words
// why, which transitions a stretch of data causes and whom they notify.
//
// It is pure: definitions with the fields of the CloudWatch API and data points go in, states, transitions and reasons come out. It
// reads no account and knows no SDK. It can be asked once ([Evaluate]), stepped along a clock ([Monitor]), or run over a time range
// ([Replay]); [Query] answers what GetMetricData does. [SLO] and [Traffic] are there to feed it: thresholds of burn-rate alarms and synthetic requests.
//
// What it does not know is an [InconclusiveError], never a state: anomaly detection, SEARCH, Metrics Insights and PromQL, functions
// and statistics that are not modelled, and what AWS leaves open where it would matter. It does not perform actions, repeats none each
// minute (CloudWatch does for Auto Scaling), and knows no quotas other than those that make an alarm invalid. Data counts from the
// moment of its time stamp: ingestion delay is the caller's to add. Wall clock windows are outside: windows slide.
//
// # Sources
//
// Rules name the page that they are from, by the last part of its address under
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ :
//
//   - alarm-evaluation, alarms-and-missing-data, alarms-and-actions, percentiles-with-low-samples (until 2025 all sections of AlarmThatSendsEmail)
//   - Create_Composite_Alarm, Create_Composite_Alarm_Suppression
//   - using-metric-math
//   - cloudwatch_concepts, Statistics-definitions
//
// and, for the fields of an alarm, PutMetricAlarm and PutCompositeAlarm under https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/ .
//
// # What AWS does not document
//
// Where the pages are silent the package takes the choice named here, once:
//
//   - The evaluation range is two data points longer than the evaluation periods, as in the tables of alarms-and-missing-data. The page
//     says only that it depends on the period and the resolution.
//   - Where too few data points exist and all of them breach, but not for long enough, an alarm that treats missing data as missing has
//     insufficient data. The page's tables said so until 2020; since then they leave the case out.
//   - A premature ALARM needs that no data point in the evaluation range is within the threshold. The page's text can be read otherwise,
//     against its own table (https://github.com/awsdocs/amazon-cloudwatch-user-guide/issues/129).
//   - A percentile is the largest value of the lowest part (Statistics-definitions, "Percentiles versus trimmed mean"); CloudWatch may estimate it.
//   - State reasons have the wording that alarms in accounts show.
package alarm
