package runner

import (
	"fmt"
	"sync"
	"time"

	"labctl/labs"
)

// Budget is what runs may cost in their lifetimes: one run, or all that are begun side by side.
type Budget struct {
	mu    sync.Mutex
	most  float64 // USD
	taken float64 // by the runs that fitted in
}

// NewBudget makes a budget of so many USD.
func NewBudget(most float64) *Budget { return &Budget{most: most} }

// take keeps back what a run costs in its lifetime, or refuses one that costs more than is left. No budget is no limit.
func (b *Budget) take(lab labs.Lab, perHour float64, lives time.Duration) error {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	total := perHour * lives.Hours()
	if b.taken+total <= b.most {
		b.taken += total
		return nil
	}
	limit := fmt.Sprintf("the %.2f USD of --max-price", b.most)
	if b.taken > 0 {
		limit = fmt.Sprintf("the %.2f USD that other labs leave of %s", b.most-b.taken, limit)
	}
	return hinted(&RefusedError{Reason: fmt.Sprintf("lab %s would cost %.2f USD in %s (%.3f USD an hour), more than %s; nothing was made", lab.ID, total, rounded(lives), perHour, limit)},
		fmt.Sprintf("see what costs how much with `labctl price %s`, or let it live less long with --ttl", lab.ID))
}
