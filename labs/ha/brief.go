package ha

import "labctl/labs"

const scenario = `
A ticketing site sells to few people on most days. When a concert goes on sale, eight times as many are there within ten
minutes: from 16 requests a second to 128. One instance carries 10. Nobody has bought a ticket from a site that showed an
error, and nobody comes back to one.

The firm promises 99.95 percent: 22 minutes a month in which something may be wrong. A lost instance has to be replaced
within 5 minutes, a lost zone made up for within 15, and losing a zone at the peak must not turn a single visitor away.

The payment dependency fails for minutes at a time, and is slow before and after: an order then takes half a minute. No
order may be lost, none may be paid twice because it took long, and one that can never be paid must not hold up the rest.

Nobody watches at night. What goes wrong has to tell somebody. The budget is 0.10 USD an hour.
`

const architectureDrawing = `
                              visitors
                                 |  80
                     +-----------v-----------+
                     |     load balancer     |  GET /health each 10 s: only 200
                     +--|--------|--------|--+  counts, 2 failures and it is out
+-- VPC ----------------|--------|--------|---------------------------------+
|      zone a           |        |        |    zone c                       |
|  +----------------+   |   +----v-----+  |   +----------------+            |
|  | public: node   |<--+   |  zone b  |  +-->| public: node   |            |
|  +-------|--------+       |  public  |      +-------|--------+            |
|     8080 |                +----|-----+              | 8080                |
|  +-------v--------+       +----v-----+      +-------v--------+            |
|  | app: instance  |       |   app    |      | app: instance  |            |
|  +-------|--------+       +----|-----+      +-------|--------+            |
|          |                     |                    |                     |
|  +-------+------ Auto Scaling group: 3 to 21 -------+---------+           |
|  | 360 requests a minute and instance; 3 instance types      |           |
|  | zone lost: two thirds are left, and carry everything      |           |
|  +-------|------------------------------------|--------------+           |
+----------|------------------------------------|--------------------------+
           | IPv6, out only                     | gateway endpoint
   +-------v--------+  5 receives   +-----------v-----------+
   | orders (SQS)   |-------+       | orders (DynamoDB)     |
   | hidden 180 s   |       |       | protected, 3 zones    |
   +----------------+       |       +-----------------------+
   +----------------+       |
   | dead-letter    |<------+
   +----------------+       launches, failures, alarms
   +----------------+           +----------------+
   | events (SQS)   |<----------| events (SNS)   |
   +----------------+           +----------------+
`

// The requirements by name, so that a check says which one it proves.
const (
	zoneLoss = iota + 1
	sickInstances
	repairs
	ramp
	visitors
	payment
	leaving
	launching
	orders
	telling
	budget
)

func requirements() []labs.Requirement {
	return []labs.Requirement{
		{Number: zoneLoss, Text: "Any one zone may be gone, at night or at the peak. First its instances go, all at once, and the load balancer's node there; " +
			"visitors notice nothing if what is left carries them all without one launch, because a launch is what everybody else wants in that minute. " +
			"It comes back by itself: new instances in the zones that are left, an even spread when the zone is back."},
		{Number: sickInstances, Text: "An instance that runs and does not answer is out of service within 30 seconds and replaced within 5 minutes. First every " +
			"third answer is an error, then the load balancer leaves it out, then the group replaces it: but only a group that asks the load balancer knows."},
		{Number: repairs, Text: "Nothing that repairs is switched off. A process suspended for last month's maintenance breaks nothing, until the " +
			"next instance dies and nobody comes."},
		{Number: ramp, Text: "Eight times the load within ten minutes: capacity follows, and what has to wait meanwhile is worked off before demand has ceased " +
			"to grow. First answers get slower, then work waits, then it is refused; it comes back as fast as instances launch and warm up, up to the maximum and no " +
			"further. Afterwards the group shrinks again, without swinging."},
		{Number: visitors, Text: "Visitors reach the site through the load balancer in every zone, and an instance in no other way. One wrong port and all targets are " +
			"unhealthy at once: a load balancer then tries them all, and every answer is a 5xx."},
		{Number: payment, Text: "While payment fails, orders wait; none is lost, none is worked on twice at once, and one that can never be paid ends beside the queue. First a " +
			"receive is not followed by a delete, then the order appears again, then it has been tried often enough. It comes back when payment does, or by hand from the dead-letter queue."},
		{Number: leaving, Text: "An instance that leaves finishes what it has begun, and leaves within two minutes. Without that time each scale-in and each deployment is a handful of broken answers " +
			"that no health check sees; with too much of it a replacement waits for the slowest visitor."},
		{Number: launching, Text: "An instance is launched the same way each time, from more than one type, and its credentials cannot be fetched by a forged request. When a zone has run out " +
			"of a type, the group that knows one type only stays too small, and says so nowhere but in its activities."},
		{Number: orders, Text: "The orders survive the loss of a zone, and a deletion by mistake: an instance can be launched again, an order cannot."},
		{Number: telling, Text: "A launch that fails reaches somebody. It is the one failure that visitors notice last: everything works, and nothing would survive the next loss."},
		{Number: budget, Text: "The architecture costs at most 0.10 USD an hour."},
	}
}
