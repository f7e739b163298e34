package typeset

// Paint colours text, or leaves it as it is where it is false. It uses the eight colours of ECMA-48 alone, which
// every theme keeps legible, and never colour alone to say something: the words say it too.
type Paint bool

// Good is for what holds.
func (p Paint) Good(s string) string { return p.with("32", s) }

// Bad is for what does not hold.
func (p Paint) Bad(s string) string { return p.with("1;31", s) }

// Caution is for what could not be decided, and for warnings.
func (p Paint) Caution(s string) string { return p.with("33", s) }

// Accent is for what moves and for headings of a detail.
func (p Paint) Accent(s string) string { return p.with("36", s) }

// Strong is for headings.
func (p Paint) Strong(s string) string { return p.with("1", s) }

// Faint is for what may be overlooked.
func (p Paint) Faint(s string) string { return p.with("2", s) }

func (p Paint) with(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}
