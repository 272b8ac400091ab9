package view

import (
	"fmt"

	"qgen-sidecar/qdrantlock"
)

// FolderCheck shows whether a store folder is sound, and what is wrong with it.
func FolderCheck(p *Page, r qdrantlock.FolderReport) {
	verdict := "sound"
	if !r.OK {
		verdict = count(len(r.Problems), "problem", "problems")
	}
	p.facts(fact{name: "folder", text: r.Path, whole: true}, fact{name: "state", text: verdict}, fact{name: "lock", text: lock(r)})
	var rows [][]string
	for _, c := range r.Collections {
		state := c.Integrity
		if c.Error != "" {
			state = c.Error
		}
		rows = append(rows, []string{c.Name, fmt.Sprint(c.Points), fmt.Sprint(c.Rows), fmt.Sprint(c.Duplicates), fmt.Sprint(len(c.BadRows)), state})
	}
	p.gap()
	p.table("", []column{left("collection"), right("points"), right("rows"), right("replaced"), right("unreadable"), left("SQLite")}, rows)
	list(p, "directories that meta.json does not name", r.Leftover)
	list(p, "problems", r.Problems)
}

func lock(r qdrantlock.FolderReport) string {
	switch {
	case !r.Locked:
		return "free"
	case r.HolderPID == 0:
		return "held by another process"
	}
	return fmt.Sprintf("held by process %d", r.HolderPID)
}

func list(p *Page, title string, all []string) {
	if len(all) == 0 {
		return
	}
	p.gap()
	p.say("%s", title)
	for _, text := range first(all) {
		p.behind("  - ", cut(text, 600))
	}
	p.more("  ", len(all), "--json has all")
}

// FolderStats shows what a store folder holds and takes.
func FolderStats(p *Page, r qdrantlock.FolderStatsReport) {
	p.facts(
		fact{name: "folder", text: r.Path, whole: true},
		fact{name: "holds", text: fmt.Sprintf("%s in %s", count(r.Points, "point", "points"), count(len(r.Collections), "collection", "collections"))},
		fact{name: "takes", text: fmt.Sprintf("%s, of which compacting would give back about %s", size(r.Bytes), size(r.FreeBytes))},
	)
	var rows [][]string
	for _, c := range r.Collections {
		row := []string{c.Name, fmt.Sprint(c.Points), fmt.Sprint(c.Rows), size(c.Bytes), size(c.FreeBytes), c.Error}
		if c.Error != "" {
			row[1], row[2], row[3], row[4] = "–", "–", "–", "–"
		}
		rows = append(rows, row)
	}
	p.gap()
	p.table("", []column{left("collection"), right("points"), right("rows"), right("size"), right("free"), left("")}, rows)
	var aliases []string
	for _, name := range sorted(r.Aliases) {
		aliases = append(aliases, name+" → "+r.Aliases[name])
	}
	list(p, "aliases", aliases)
}

// FolderCompact shows what compacting gave back.
func FolderCompact(p *Page, r qdrantlock.FolderCompactReport) {
	p.facts(
		fact{name: "folder", text: r.Path, whole: true},
		fact{name: "given back", text: fmt.Sprintf("%s: %s before, %s now", size(r.BytesBefore-r.BytesAfter), size(r.BytesBefore), size(r.BytesAfter))},
	)
	var rows [][]string
	for _, c := range r.Collections {
		row := []string{c.Name, size(c.BytesBefore), size(c.BytesAfter), c.Error}
		if c.Error != "" {
			row[1], row[2] = "–", "–"
		}
		rows = append(rows, row)
	}
	p.gap()
	p.table("", []column{left("collection"), right("before"), right("now"), left("")}, rows)
}
