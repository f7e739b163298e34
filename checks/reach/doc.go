// Package reach answers, from a description of an AWS network, whether a packet gets from one place to another and why.
//
// It is for two kinds of question. [Engine.Trace] asks "must reach": does a connection work, replies included, for
// every client port? [Engine.Any] asks "must never reach": is there any packet at all, whatever its protocol, port or
// address, that arrives? Both are answered with set algebra over whole ranges of addresses, protocols and ports, never
// by trying a few, and both explain themselves hop by hop.
//
// It is pure: a [Network] goes in, a verdict and its explanation come out. It calls no API, reads no clock and is not
// a packet simulator: it knows nothing of DNS, MTU, health, throughput, host firewalls or what an appliance forwards.
// What it cannot decide (an appliance, a VPN, a VPC of which the snapshot says nothing) it says, and then answers on the safe side: Trace
// does not call it reachable, Any calls it a possible leak.
//
// The rules are AWS's, each in a file of its own with the page of the documentation that states it: routes.go, nacl.go,
// secgroup.go, gateways.go, peering.go, transit.go.
package reach
