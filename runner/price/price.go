// Package price knows what the labs' resources cost on AWS, and adds up a bill. It is a table with sources: a price is
// known before anything is created, and without an account. [Live] asks AWS's price list instead, where there is one.
package price

import (
	"fmt"
	"slices"

	"labctl/labs"
)

// Entry is the price of one resource of a Terraform type.
type Entry struct {
	Type   string // Terraform's resource type, and the variant in parentheses where a type has several prices
	Parts  []Part // what AWS bills for it; nothing where it is free
	Unit   string // what is billed, in a few words: "gateway-hour"
	Note   string // what the price leaves out, or why it is free
	Source string // the page it was taken from
}

// Part is one thing that AWS bills for a resource.
type Part struct {
	USD     float64 // for one unit
	Unit    string  // "gateway-hour", "GB-month"
	Each    float64 // the units that one resource takes in an hour
	Product Product // where AWS's price list has it
}

// PerHour is what one resource costs in an hour, in USD; 0 is free.
func (e Entry) PerHour() float64 {
	sum := 0.0
	for _, part := range e.Parts {
		sum += part.USD * part.Each
	}
	return sum
}

// AsOf is when the table was last compared with the pages that it names, and Region what it is for.
const (
	AsOf   = "2026-11"
	Region = "us-east-1"
)

// Table holds the prices by Terraform type.
type Table map[string]Entry

// Line is one line of a bill.
type Line struct {
	Entry
	Count   int     // resources
	Units   int     // billable units of one of them
	PerHour float64 // of all
}

// Bill is what a lab's resources cost.
type Bill []Line

// UnpricedError names the types that the table does not hold. A bill with a hole is no bill.
type UnpricedError struct{ Types []string }

func (e *UnpricedError) Error() string { return fmt.Sprintf("no price is known for %v", e.Types) }

// key is where the table has a line's price.
func key(line labs.BillLine) string {
	if line.Variant == "" {
		return line.Type
	}
	return line.Type + " (" + line.Variant + ")"
}

// Of is the part of the table that a bill needs: what else there is need not be asked about, and may not exist in a region.
func (t Table) Of(lines []labs.BillLine) Table {
	part := Table{}
	for _, line := range lines {
		if entry, ok := t[key(line)]; ok {
			part[key(line)] = entry
		}
	}
	return part
}

// Bill adds up what the lines cost, the dearest first.
func (t Table) Bill(lines []labs.BillLine) (Bill, error) {
	var bill Bill
	var unpriced []string
	for _, line := range lines {
		name := key(line)
		entry, ok := t[name]
		if !ok {
			unpriced = append(unpriced, name)
			continue
		}
		bill = append(bill, Line{Entry: entry, Count: line.Count, Units: max(line.Units, 1), PerHour: entry.PerHour() * float64(line.Count*max(line.Units, 1))})
	}
	if len(unpriced) > 0 {
		return nil, &UnpricedError{Types: unpriced}
	}
	slices.SortStableFunc(bill, func(a, b Line) int {
		switch {
		case a.PerHour > b.PerHour:
			return -1
		case a.PerHour < b.PerHour:
			return 1
		}
		return 0
	})
	return bill, nil
}

// PerHour is the sum in USD.
func (b Bill) PerHour() float64 {
	sum := 0.0
	for _, line := range b {
		sum += line.PerHour
	}
	return sum
}
