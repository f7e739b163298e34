package ha

import (
	"strconv"
	"time"
)

// rate is requests a second.
func rate(r float64) string { return strconv.FormatFloat(r, 'f', -1, 64) + " requests/s" }

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
