package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf8"

	"qgen-sidecar/engine/api"
)

// print shows a result: as text on a terminal, as JSON elsewhere and with --json.
func (c *console) print(v any) error {
	if c.bar != nil {
		c.bar.end()
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	if c.json || !c.terminal {
		_, err := c.stdout.Write(buf.Bytes())
		return err
	}
	if r, ok := v.(*api.CompileResult); ok {
		var text bytes.Buffer
		compiled(&text, r)
		_, err := c.stdout.Write(text.Bytes())
		return err
	}
	n, err := readNode(json.NewDecoder(&buf))
	if err != nil {
		return err
	}
	var text bytes.Buffer
	n.render(&text, "")
	_, err = c.stdout.Write(text.Bytes())
	return err
}

// errSaid: it failed, and the output says so already.
var errSaid = errors.New("said already")

// node is a JSON value with the order of its members.
type node struct {
	names  []string // of an object's members
	items  []node   // members or elements
	object bool
	array  bool
	text   string // of anything else
}

func readNode(d *json.Decoder) (node, error) {
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		return node{}, err
	}
	delim, ok := t.(json.Delim)
	if !ok {
		if t == nil {
			t = "–"
		}
		return node{text: printable(fmt.Sprint(t))}, nil
	}
	n := node{object: delim == '{', array: delim == '['}
	for d.More() {
		if n.object {
			name, err := d.Token()
			if err != nil {
				return n, err
			}
			n.names = append(n.names, name.(string))
		}
		item, err := readNode(d)
		if err != nil {
			return n, err
		}
		n.items = append(n.items, item)
	}
	_, err = d.Token()
	return n, err
}

// printable takes out what would steer the terminal: texts come from payloads
// and models.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, s)
}

func (n node) scalar() bool { return !n.object && !n.array }

// short says that the value fits into a table's cell.
func (n node) short() bool {
	return n.scalar() && utf8.RuneCountInString(n.text) <= 60 && !strings.Contains(n.text, "\n")
}

// cell is the value on one line, as far as it can be.
func (n node) cell() string {
	switch {
	case n.scalar():
		return n.text
	case len(n.items) == 0:
		return "–"
	}
	parts := make([]string, len(n.items))
	for i, item := range n.items {
		parts[i] = item.cell()
		if n.object {
			parts[i] = n.names[i] + " " + parts[i]
		}
	}
	return strings.Join(parts, ", ")
}

// render writes an object as aligned lines, its lists of small objects as
// tables, and what is long as blocks of its own.
func (n node) render(w io.Writer, indent string) {
	switch {
	case n.object:
		n.renderObject(w, indent)
	case n.array:
		n.renderList(w, indent)
	default:
		for line := range strings.Lines(n.text + "\n") {
			fmt.Fprint(w, indent, line)
		}
	}
}

func (n node) renderObject(w io.Writer, indent string) {
	width := 0
	for i, item := range n.items {
		if item.inline() {
			width = max(width, utf8.RuneCountInString(n.names[i]))
		}
	}
	for i, item := range n.items {
		if item.inline() {
			fmt.Fprintf(w, "%s%-*s  %s\n", indent, width, n.names[i], item.cell())
			continue
		}
		fmt.Fprintf(w, "%s%s\n", indent, n.names[i])
		item.render(w, indent+"  ")
	}
}

// inline: on the line of its name.
func (n node) inline() bool {
	if n.scalar() {
		return !strings.Contains(n.text, "\n")
	}
	for _, item := range n.items {
		if !item.short() {
			return false
		}
	}
	return utf8.RuneCountInString(n.cell()) <= 100
}

func (n node) renderList(w io.Writer, indent string) {
	if n.isTable() {
		n.renderTable(w, indent)
		return
	}
	for i, item := range n.items {
		if item.scalar() {
			fmt.Fprintf(w, "%s- %s\n", indent, strings.ReplaceAll(item.text, "\n", "\n"+indent+"  "))
			continue
		}
		fmt.Fprintf(w, "%s[%d]\n", indent, i+1)
		item.render(w, indent+"  ")
	}
}

// isTable: objects with the same members, all short.
func (n node) isTable() bool {
	if len(n.items) == 0 || !n.items[0].object {
		return false
	}
	names := strings.Join(n.items[0].names, "\x00")
	for _, row := range n.items {
		if strings.Join(row.names, "\x00") != names {
			return false
		}
		for _, cell := range row.items {
			if !cell.short() && !(len(cell.items) <= 8 && cell.inline()) {
				return false
			}
		}
	}
	return true
}

func (n node) renderTable(w io.Writer, indent string) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s%s\n", indent, strings.Join(n.items[0].names, "\t"))
	for _, row := range n.items {
		cells := make([]string, len(row.items))
		for i, c := range row.items {
			cells[i] = c.cell()
		}
		fmt.Fprintf(tw, "%s%s\n", indent, strings.Join(cells, "\t"))
	}
	tw.Flush()
}
