package eventpattern

// truth is a three-valued answer: what AWS leaves open must stay apart from both
// yes and no until it is clear whether it matters.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

func not(t truth) truth { return yes - t }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// verdict is a truth with the key that decided and the sentence that explains it.
type verdict struct {
	truth truth
	key   string
	why   string
}
