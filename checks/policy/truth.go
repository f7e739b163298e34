package policy

// truth is a three-valued answer: the engine must keep what it does not know
// apart from both yes and no until it is clear whether it matters.
type truth int8

const (
	no truth = iota
	maybe
	yes
)

func both(a, b truth) truth { return min(a, b) }

func either(a, b truth) truth { return max(a, b) }

func not(t truth) truth { return yes - t }

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}
