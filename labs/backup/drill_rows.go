package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"labctl/labs"
)

// row is an item of a table.
type row = map[string]types.AttributeValue

// drillRow begins the key of each row, and the name of each object, that a drill makes: whatever begins otherwise is
// somebody's.
const drillRow = "labctl-drill-"

// seededRows are the rows that a seed stands for. The same seed gives the same rows on every machine.
func seededRows(keyName string, s labs.Seeding) []row {
	random := rand.New(rand.NewPCG(s.Seed, 0)) //nolint:gosec // repeatable by intent
	rows := make([]row, s.Rows)
	for n := range rows {
		rows[n] = seededRow(random, keyName, drillRow+strconv.FormatUint(s.Seed, 10)+"-"+fmt.Sprintf("%06d", n))
	}
	return rows
}

// seededRow is an order with one attribute of each type that a table can hold, so that a restore that spoils one of them shows.
func seededRow(random *rand.Rand, keyName, key string) row {
	cents := func() string { return strconv.Itoa(1 + random.IntN(20_000)) }
	parcel := make([]byte, 16)
	for n := range parcel {
		parcel[n] = byte(random.Uint32()) //nolint:gosec // the lowest eight bits
	}
	lines := make([]types.AttributeValue, 1+random.IntN(3))
	for n := range lines {
		lines[n] = &types.AttributeValueMemberM{Value: row{
			"article": str("A-" + strconv.Itoa(random.IntN(1000))),
			"pieces":  &types.AttributeValueMemberN{Value: strconv.Itoa(1 + random.IntN(9))},
			"cents":   &types.AttributeValueMemberN{Value: cents()},
		}}
	}
	return row{
		keyName:    str(key),
		"customer": str("customer-" + strconv.Itoa(random.IntN(5000))),
		"cents":    &types.AttributeValueMemberN{Value: cents()},
		"weight":   &types.AttributeValueMemberN{Value: strconv.Itoa(random.IntN(30)) + "." + strconv.Itoa(1+random.IntN(9))},
		"paid":     &types.AttributeValueMemberBOOL{Value: random.IntN(2) == 0},
		"voucher":  &types.AttributeValueMemberNULL{Value: true},
		"lines":    &types.AttributeValueMemberL{Value: lines},
		"labels":   &types.AttributeValueMemberSS{Value: []string{"gift", "lot-" + strconv.Itoa(random.IntN(100))}},
		"steps":    &types.AttributeValueMemberNS{Value: []string{"1", strconv.Itoa(2 + random.IntN(8))}},
		"parcel":   &types.AttributeValueMemberB{Value: parcel},
		"seals":    &types.AttributeValueMemberBS{Value: [][]byte{parcel[:4], parcel[4:12]}},
	}
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// corruption is what a bad release makes of the rows: every third has a wrong price, every fifth is gone, and some that nobody
// ordered are there.
type corruption struct {
	Changed []row
	Deleted []string // keys
	Added   []row
}

func (c corruption) String() string {
	return fmt.Sprintf("%d rows have a price of 0, %d are deleted, and %d that nobody ordered are there", len(c.Changed), len(c.Deleted), len(c.Added))
}

// requests do the damage.
func (c corruption) requests(keyName string) []types.WriteRequest {
	return append(append(puts(c.Changed), deletes(keyName, c.Deleted)...), puts(c.Added)...)
}

// drillKeys are the keys of all that a drill with this seed may have put into a table.
func drillKeys(keyName string, s labs.Seeding) []string {
	rows := seededRows(keyName, s)
	var keys []string
	for _, r := range append(rows, corrupt(keyName, rows).Added...) {
		keys = append(keys, keyOf(r, keyName))
	}
	return keys
}

func corrupt(keyName string, rows []row) corruption {
	var c corruption
	for n, r := range rows {
		switch {
		case n%5 == 4:
			c.Deleted = append(c.Deleted, keyOf(r, keyName))
		case n%3 == 2:
			wrong := maps.Clone(r)
			wrong["cents"] = &types.AttributeValueMemberN{Value: "0"}
			c.Changed = append(c.Changed, wrong)
		case n%10 == 0:
			extra := maps.Clone(r)
			extra[keyName] = str(keyOf(r, keyName) + "-again")
			c.Added = append(c.Added, extra)
		}
	}
	return c
}

// keyOf is a row's key. A drill works only on tables whose key is a string.
func keyOf(r row, keyName string) string {
	if key, ok := r[keyName].(*types.AttributeValueMemberS); ok {
		return key.Value
	}
	return ""
}

func isDrills(key string) bool { return strings.HasPrefix(key, drillRow) }

// sums are the checksums of a table's rows, by key.
type sums map[string][sha256.Size]byte

// sumsOf sums each row up apart.
func sumsOf(rows []row, keyName string) sums {
	all := sums{}
	for _, r := range rows {
		all[keyOf(r, keyName)] = sha256.Sum256([]byte(spell(&types.AttributeValueMemberM{Value: r})))
	}
	return all
}

// String is one checksum over all rows, in the order of their keys.
func (s sums) String() string {
	all := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(s)) {
		sum := s[key]
		_, _ = all.Write([]byte(key)) // a hash takes everything
		_, _ = all.Write(sum[:])
	}
	return hex.EncodeToString(all.Sum(nil))[:16]
}

// comparison is what became of the rows that ought to be there.
type comparison struct {
	Same                 int
	Lost, Changed, Extra []string // keys
}

func compare(wanted, found sums) comparison {
	var c comparison
	for key, sum := range wanted {
		switch got, there := found[key]; {
		case !there:
			c.Lost = append(c.Lost, key)
		case got != sum:
			c.Changed = append(c.Changed, key)
		default:
			c.Same++
		}
	}
	for key := range found {
		if _, there := wanted[key]; !there {
			c.Extra = append(c.Extra, key)
		}
	}
	for _, list := range [][]string{c.Lost, c.Changed, c.Extra} {
		slices.Sort(list)
	}
	return c
}

func (c comparison) whole() bool { return len(c.Lost)+len(c.Changed)+len(c.Extra) == 0 && c.Same > 0 }

func (c comparison) String() string {
	return fmt.Sprintf("%d the same, %d lost, %d changed, %d extra", c.Same, len(c.Lost), len(c.Changed), len(c.Extra))
}

// wanted is what String gives where every row is there.
func (c comparison) wanted() string {
	return comparison{Same: c.Same + len(c.Lost) + len(c.Changed)}.String()
}

// offenders name the first of those that are not as they ought to be.
func (c comparison) offenders() []string {
	var told []string
	for _, list := range []struct {
		what string
		keys []string
	}{{"lost", c.Lost}, {"changed", c.Changed}, {"extra", c.Extra}} {
		if len(list.keys) > 0 {
			told = append(told, list.what+": "+firstOf(list.keys))
		}
	}
	return told
}

// firstOf names the first three.
func firstOf(keys []string) string {
	const shown = 3
	if len(keys) <= shown {
		return strings.Join(keys, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(keys[:shown], ", "), len(keys)-shown)
}

// spell writes a value so that equal ones look the same: sets have no order, and a number has many spellings.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
func spell(value types.AttributeValue) string {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return "S" + strconv.Quote(v.Value)
	case *types.AttributeValueMemberN:
		return "N" + spellNumber(v.Value)
	case *types.AttributeValueMemberB:
		return "B" + hex.EncodeToString(v.Value)
	case *types.AttributeValueMemberBOOL:
		return "BOOL" + strconv.FormatBool(v.Value)
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberSS:
		return "SS" + spellAll(v.Value, strconv.Quote, true)
	case *types.AttributeValueMemberNS:
		return "NS" + spellAll(v.Value, spellNumber, true)
	case *types.AttributeValueMemberBS:
		return "BS" + spellAll(v.Value, hex.EncodeToString, true)
	case *types.AttributeValueMemberL:
		return "L" + spellAll(v.Value, spell, false)
	case *types.AttributeValueMemberM:
		return "M" + spellAll(slices.Sorted(maps.Keys(v.Value)), func(name string) string { return strconv.Quote(name) + ":" + spell(v.Value[name]) }, false)
	default:
		return fmt.Sprintf("%#v", v)
	}
}

func spellAll[T any](values []T, spelled func(T) string, sorted bool) string {
	parts := make([]string, len(values))
	for n, v := range values {
		parts[n] = spelled(v)
	}
	if sorted {
		slices.Sort(parts)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func spellNumber(s string) string {
	if exact, ok := new(big.Rat).SetString(s); ok {
		return exact.RatString()
	}
	return s
}

func puts(rows []row) []types.WriteRequest {
	requests := make([]types.WriteRequest, len(rows))
	for n, r := range rows {
		requests[n] = types.WriteRequest{PutRequest: &types.PutRequest{Item: r}}
	}
	return requests
}

func deletes(keyName string, keys []string) []types.WriteRequest {
	requests := make([]types.WriteRequest, len(keys))
	for n, key := range keys {
		requests[n] = types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: row{keyName: str(key)}}}
	}
	return requests
}
