// Package frontend carries everything the browser gets and everything the server renders: the built
// assets, the HTML templates and the message catalogues. Go builds without Node: assets that were not
// built are simply absent, and the server says so on the pages that need them.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:templates
var templates embed.FS

//go:embed src/locales/*.json
var locales embed.FS

// Templates holds the html/template sources of public pages, receipts and mails, rooted at templates/.
var Templates = sub(templates, "templates")

// Locales holds the go-i18n v2 catalogues, one JSON file per language: en.json and its siblings.
var Locales = sub(locales, "src/locales")

// sub roots an embedded tree at dir. It cannot fail: dir is named by the embed directive beside it.
func sub(tree embed.FS, dir string) fs.FS {
	rooted, err := fs.Sub(tree, dir)
	if err != nil {
		panic(err)
	}
	return rooted
}
