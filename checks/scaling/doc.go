// Package scaling replays a demand curve through an EC2 Auto Scaling group and says what the users would have noticed:
// capacity in service, work that waits or is refused, every scaling decision with its reason. It also answers two
// questions that need no replay: what is left when a zone is gone ([Static]), and whether the maximum covers a peak ([Headroom]).
//
// It is pure and deterministic: plain structs in, a [Series] out, one second a step. It reads no account and knows no SDK.
//
// It is not a load test. Demand is a fluid that spreads evenly over the instances which answer; each of them carries
// [Service.UnitCapacity] a second and no more. Work that can't be carried at once waits up to [Service.Buffer], and what does
// not fit is dropped. Requests in flight on an instance that dies wait again; errors that a load balancer answers until it notices
// a dead target are not counted. Instance weights, warm pools, lifecycle hooks (count them into [Group.LaunchTime]), scheduled and
// predictive scaling, metrics of less than a minute, instance refresh and Spot interruptions are outside.
//
// # Sources
//
// Each rule names the page that it is from, by the last part of its address under
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ :
//
//   - as-scaling-target-tracking, as-scaling-simple-step, as-scale-based-on-demand (policies and how several of them agree)
//   - ec2-auto-scaling-default-instance-warmup, ec2-auto-scaling-scaling-cooldowns
//   - ec2-auto-scaling-health-checks, health-check-grace-period
//   - auto-scaling-benefits (zones and rebalancing), ec2-auto-scaling-termination-policies
//   - as-suspend-resume-processes, understand-how-suspending-processes-affects-other-processes
//   - as-using-sqs-queue (backlog per instance), asg-capacity-limits
//
// # What AWS does not document
//
// Where the pages are silent the package takes the choice named here, once:
//
//   - Target tracking's own alarms look at 3 data points to scale out and at 15 to scale in, the latter below 90 percent of the
//     target. This is what the alarms in accounts look like; the pages only say "scales in more gradually" and, for Application
//     Auto Scaling, "usually more than 10% lower". How much it then removes at once isn't documented: here all that the metric
//     allows. A data point counts the moment its period ends, which is the best case.
//   - Group health checks run each 60 s. An instance that no longer runs is noticed at the next one.
//   - A lost zone takes its instances at once and refuses launches until it is restored. A grey failure is not modelled.
//   - Draining takes the whole deregistration delay: keep-alive connections hold it that long.
//   - Of the zone with the most instances the oldest leaves first (AWS: closest to the billing hour, then random).
//   - A data point without data leaves an alarm where it is, except that the request count per target is zero then, which is documented.
//   - While Launch or Terminate is suspended, a policy that would need it leaves the desired capacity as it is.
package scaling
