package reach

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"slices"
	"strings"
)

// ErrNotSnapshot is wrapped by every error of [Decode] about what was read (and not about the reading of it).
var ErrNotSnapshot = errors.New("not a network snapshot")

// Decode reads one snapshot. Unknown fields are ignored and absent or null lists are empty, but what is no snapshot is
// refused with one line that names where: the list, the position in it and the field.
func Decode(r io.Reader) (*Network, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read snapshot: %w", err)
	}
	lists, err := topLevel(data)
	if err != nil {
		return nil, err
	}
	n := &Network{}
	value := reflect.ValueOf(n).Elem()
	for i := range value.NumField() {
		name := value.Type().Field(i).Name
		if raw, ok := lists[name]; ok {
			if err := decodeList(name, raw, value.Field(i)); err != nil {
				return nil, err
			}
		}
	}
	if err := n.validate(); err != nil {
		return nil, err
	}
	return n, nil
}

// Encode writes the snapshot as indented JSON, in the form that [Decode] reads.
func Encode(w io.Writer, n *Network) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(n); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

func notSnapshot(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotSnapshot, fmt.Sprintf(format, args...))
}

// topLevel splits the object into its lists and refuses anything that isn't one object with at least one known list.
func topLevel(data []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	var lists map[string]json.RawMessage
	if err := dec.Decode(&lists); err != nil {
		var shape *json.UnmarshalTypeError
		switch {
		case errors.As(err, &shape):
			return nil, notSnapshot("it is a JSON %s, want an object", shape.Value)
		case errors.Is(err, io.EOF):
			return nil, notSnapshot("it is empty")
		default:
			return nil, notSnapshot("it is not JSON: %v", err)
		}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, notSnapshot("something follows the JSON object, at byte %d", dec.InputOffset())
	}
	if lists == nil {
		return nil, notSnapshot("it is a JSON null, want an object")
	}
	known := listNames()
	for key := range lists {
		if slices.Contains(known, key) {
			return lists, nil
		}
	}
	return nil, notSnapshot("the object has none of the lists %s", strings.Join(known, ", "))
}

// listNames are the keys of a snapshot, in order.
func listNames() []string {
	t := reflect.TypeFor[Network]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i] = t.Field(i).Name
	}
	return names
}

// decodeList decodes element by element, so that an error can name the element.
func decodeList(name string, raw json.RawMessage, into reflect.Value) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return notSnapshot("%s: want a list", name)
	}
	list := reflect.MakeSlice(into.Type(), len(elements), len(elements))
	for i, element := range elements {
		if bytes.Equal(bytes.TrimSpace(element), []byte("null")) {
			return notSnapshot("%s[%d]: want an object, found null", name, i)
		}
		if err := json.Unmarshal(element, list.Index(i).Addr().Interface()); err != nil {
			return notSnapshot("%s", shapeError(fmt.Sprintf("%s[%d]", name, i), err))
		}
	}
	if len(elements) > 0 {
		into.Set(list)
	}
	return nil
}

func shapeError(where string, err error) string {
	var shape *json.UnmarshalTypeError
	if !errors.As(err, &shape) {
		return fmt.Sprintf("%s: %v", where, err)
	}
	if shape.Field != "" {
		where += "." + shape.Field
	}
	return fmt.Sprintf("%s: found a JSON %s, want %s", where, shape.Value, jsonKind(shape.Type))
}

func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "a list"
	default:
		return "an object"
	}
}

// addressField says what a string field of the name must hold, wherever it stands; check is nil for one that may hold anything.
func addressField(name string) (check func(string) bool, what string) {
	switch name {
	case "CidrBlock", "Ipv6CidrBlock", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "CidrIp", "CidrIpv6", "Cidr", "Ipv4Prefix", "Ipv6Prefix":
		return isPrefix, "CIDR block"
	case "PrivateIpAddress", "Ipv6Address", "PublicIp", "PrivateIp":
		return isAddr, "IP address"
	}
	return nil, ""
}

func isPrefix(s string) bool {
	_, err := netip.ParsePrefix(s)
	return err == nil
}

func isAddr(s string) bool {
	a, err := netip.ParseAddr(s)
	return err == nil && a.Zone() == ""
}

// validate checks what the types cannot: every element has an id of its own, and addresses are addresses.
func (n *Network) validate() error {
	value := reflect.ValueOf(n).Elem()
	for i := range value.NumField() {
		list, name := value.Field(i), value.Type().Field(i).Name
		seen := make(map[string]int, list.Len())
		for j := range list.Len() {
			where := fmt.Sprintf("%s[%d]", name, j)
			// The first field of every listed type is its id; a test keeps it so.
			idField := list.Type().Elem().Field(0).Name
			id := list.Index(j).Field(0).String()
			if id == "" {
				return notSnapshot("%s.%s: missing", where, idField)
			}
			if first, dup := seen[id]; dup {
				return notSnapshot("%s.%s: %s is already %s[%d]", where, idField, id, name, first)
			}
			seen[id] = j
			if err := validateAddresses(where, list.Index(j)); err != nil {
				return err
			}
		}
	}
	return nil
}

// validateAddresses walks a value and checks every string field that must hold an address or a range. Empty is absent.
func validateAddresses(where string, v reflect.Value) error {
	switch v.Kind() { //nolint:exhaustive // the rest holds no strings
	case reflect.Pointer:
		if !v.IsNil() {
			return validateAddresses(where, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			if err := validateAddresses(fmt.Sprintf("%s[%d]", where, i), v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, field := v.Type().Field(i).Name, v.Field(i)
			if field.Kind() == reflect.String {
				if check, what := addressField(name); check != nil && field.String() != "" && !check(field.String()) {
					return notSnapshot("%s.%s: %q is no %s", where, name, field.String(), what)
				}
				continue
			}
			if err := validateAddresses(where+"."+name, field); err != nil {
				return err
			}
		}
	}
	return nil
}
