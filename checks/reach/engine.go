package reach

// Engine answers questions about one network. It is read-only once made and safe for concurrent use.
type Engine struct {
	network *Network
}

// New indexes the network. It never fails: what dangles or contradicts itself is found, and said, when a packet meets it.
// The network must not be changed afterwards.
func New(n *Network) *Engine {
	return &Engine{network: n}
}
