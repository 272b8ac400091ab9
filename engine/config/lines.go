package config

import (
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// keyLines maps each dotted key of a TOML document to its line, so that an
// error found after merging can still point into the file. Tables of an array
// are named endpoint[0], endpoint[1], as the decoder names them. A document
// that does not parse gives what came before the fault.
func keyLines(data []byte) map[string]int {
	lines := map[string]int{}
	counts := map[string]int{}
	p := unstable.Parser{}
	p.Reset(data)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		switch e.Kind {
		case unstable.Table:
			table, _ = keyOf(&p, e)
		case unstable.ArrayTable:
			name, _ := keyOf(&p, e)
			table = fmt.Sprintf("%s[%d]", name, counts[name])
			counts[name]++
		}
		name, line := keyOf(&p, e)
		switch e.Kind {
		case unstable.KeyValue:
			lines[join(table, name)] = line
		case unstable.Table, unstable.ArrayTable:
			lines[table] = line
		}
	}
	return lines
}

func keyOf(p *unstable.Parser, e *unstable.Node) (string, int) {
	var parts []string
	line := 0
	for it := e.Key(); it.Next(); {
		node := it.Node()
		parts = append(parts, string(node.Data))
		if line == 0 {
			line = p.Shape(node.Raw).Start.Line
		}
	}
	return strings.Join(parts, "."), line
}
