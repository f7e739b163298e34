package scaling

import (
	"fmt"
	"math"
	"strconv"
)

// number writes a value with as many digits as a reader needs.
func number(v float64) string {
	if math.Abs(v) >= 100 {
		return strconv.FormatFloat(math.Round(v), 'f', -1, 64)
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// clock writes a moment as minutes and seconds: 12:05.
func clock(t int) string { return fmt.Sprintf("%d:%02d", t/60, t%60) }

// short writes a value in at most five places: 800, 1.2k, 35k, 4M.
func short(v float64) string {
	for _, unit := range []struct {
		size float64
		name string
	}{{1e12, "T"}, {1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= unit.size {
			if v /= unit.size; v < 10 {
				return number(v) + unit.name
			}
			return strconv.FormatFloat(math.Round(v), 'f', -1, 64) + unit.name
		}
	}
	return number(v)
}
