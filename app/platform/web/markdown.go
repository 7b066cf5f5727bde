package web

import (
	"bytes"
	"fmt"
	"html/template"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown renders what staff write. Raw HTML and links with a script in them are left out by the library's default.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Strikethrough, extension.Table, extension.Linkify, extension.Typographer),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(pageRules{}, 500))),
)

// Markdown renders a text of staff for a public page, below a heading of the second level.
func Markdown(source string) (template.HTML, error) {
	var b bytes.Buffer
	if err := markdown.Convert([]byte(source), &b); err != nil {
		return "", fmt.Errorf("render markdown: %w", err)
	}
	return template.HTML(b.String()), nil //nolint:gosec // the renderer escapes, and passes no markup through
}

// pageRules fits a text into the page: its headings stand below the page's own, links say that we do not vouch for them, and pictures,
// which would tell other sites who reads, become links.
type pageRules struct{}

// Transform implements parser.ASTTransformer.
func (pageRules) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(max(n.Level+1, 3), 6) // the section's own heading is an h2
		case *ast.Link:
			n.SetAttributeString("rel", []byte("nofollow ugc noopener"))
		case *ast.AutoLink:
			n.SetAttributeString("rel", []byte("nofollow ugc noopener"))
		case *ast.Image:
			pictures = append(pictures, n)
		}
		return ast.WalkContinue, nil
	})
	for _, picture := range pictures {
		link := ast.NewLink()
		link.Destination, link.Title = picture.Destination, picture.Title
		link.SetAttributeString("rel", []byte("nofollow ugc noopener"))
		for child := picture.FirstChild(); child != nil; child = picture.FirstChild() {
			link.AppendChild(link, child)
		}
		picture.Parent().ReplaceChild(picture.Parent(), picture, link)
	}
}
