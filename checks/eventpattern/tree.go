package eventpattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// kind is the JSON type of a node.
type kind int8

const (
	stringKind kind = iota
	numberKind
	literalKind // true, false and null
	arrayKind
	objectKind
)

// node is a JSON value of a pattern, in the order and with the numbers as written.
type node struct {
	kind    kind
	text    string   // of a string, number or literal
	items   []node   // of an array
	members []member // of an object
}

type member struct {
	name  string
	value node
}

// parseTree reads a text that is one JSON value.
func parseTree(text string) (node, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	root, err := readNode(decoder)
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return node{}, fmt.Errorf("byte %d: %w", decoder.InputOffset(), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return node{}, fmt.Errorf("byte %d: text follows the JSON value", decoder.InputOffset())
	}
	return root, nil
}

func readNode(decoder *json.Decoder) (node, error) {
	token, err := decoder.Token()
	if err != nil {
		return node{}, err
	}
	delimiter, opens := token.(json.Delim)
	if !opens {
		return leafOf(token), nil
	}
	n := node{kind: arrayKind}
	if delimiter == '{' {
		n.kind = objectKind
	}
	for decoder.More() {
		var name json.Token
		if n.kind == objectKind {
			if name, err = decoder.Token(); err != nil {
				return node{}, err
			}
		}
		value, err := readNode(decoder)
		if err != nil {
			return node{}, err
		}
		if name, ok := name.(string); ok {
			n.members = append(n.members, member{name, value})
		} else {
			n.items = append(n.items, value)
		}
	}
	_, err = decoder.Token() // the closing bracket
	return n, err
}

// leafOf is a decoded value that is neither an array nor an object.
func leafOf(value any) node {
	switch value := value.(type) {
	case string:
		return node{kind: stringKind, text: value}
	case json.Number:
		return node{kind: numberKind, text: value.String()}
	case bool:
		return node{kind: literalKind, text: fmt.Sprint(value)}
	default:
		return node{kind: literalKind, text: "null"}
	}
}

// String is the node as compact JSON.
func (n node) String() string {
	switch n.kind {
	case stringKind:
		return quote(n.text)
	case arrayKind:
		return "[" + joinAll(n.items) + "]"
	case objectKind:
		parts := make([]string, len(n.members))
		for i, m := range n.members {
			parts[i] = quote(m.name) + ": " + m.value.String()
		}
		return "{" + strings.Join(parts, ", ") + "}"
	default:
		return n.text
	}
}

func joinAll(nodes []node) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = n.String()
	}
	return strings.Join(parts, ", ")
}

// quote writes a JSON string without the escapes that are for HTML.
func quote(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		return fmt.Sprintf("%q", text)
	}
	return strings.TrimSuffix(out.String(), "\n")
}
