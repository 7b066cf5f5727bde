package mail

import (
	"bytes"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"strings"
	"sync"
	texttemplate "text/template"
	"time"

	"tributary/domain/day"
	"tributary/domain/message"
	"tributary/domain/money"
)

// Sender is who a mail comes from, as its frame shows it.
type Sender struct {
	Name    string // the organization, or the platform itself
	Color   string // the organization's colour, "#0b6b50"; empty: the platform's
	Address string // postal address, one line; may be empty
	Website string // may be empty
	Reason  string // why the reader gets this, one sentence: "You get this mail because you gave to Riverbend Trust."
}

// Body is a rendered mail.
type Body struct{ Subject, Text, HTML string }

// Link is a button or a line with an address; templates make one with {{link "Words" .URL}}.
type Link struct{ Text, URL string }

// Templates renders the mails in the folder mail/ of a file tree: for each NAME the files NAME.txt, which defines "subject" and
// "content", and NAME.html, which defines "content" and may define "preview" (what a mailbox shows after the subject). Both see the
// data given to Render; layout.txt and layout.html put the sender's frame around them and define the parts every mail may use:
// {{template "button" (link "Words" .URL)}}.
type Templates struct {
	files fs.FS

	mu     sync.Mutex
	parsed map[string]pair
}

type pair struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

type page struct {
	Subject string
	Sender  Sender
	Data    any
}

// NewTemplates reads mails from the folder mail/ of files.
func NewTemplates(files fs.FS) *Templates {
	return &Templates{files: files, parsed: map[string]pair{}}
}

// Names lists the mails there are.
func (t *Templates) Names() ([]string, error) {
	paths, err := fs.Glob(t.files, "mail/*.txt")
	if err != nil {
		return nil, fmt.Errorf("list mail templates: %w", err)
	}
	var names []string
	for _, p := range paths {
		if name := strings.TrimSuffix(path.Base(p), ".txt"); name != "layout" {
			names = append(names, name)
		}
	}
	return names, nil
}

// Render makes the subject, the text part and the HTML part of the mail called name.
func (t *Templates) Render(name string, from Sender, data any) (Body, error) {
	p, err := t.find(name)
	if err != nil {
		return Body{}, fmt.Errorf("mail template %s: %w", name, err)
	}
	if from.Color == "" {
		from.Color = "#0b6b50"
	}
	var subject, text, html bytes.Buffer
	if err := p.text.ExecuteTemplate(&subject, "subject", data); err != nil {
		return Body{}, fmt.Errorf("subject of mail %s: %w", name, err)
	}
	frame := page{Subject: message.Line(subject.String()), Sender: from, Data: data}
	if err := p.text.ExecuteTemplate(&text, "layout.txt", frame); err != nil {
		return Body{}, fmt.Errorf("text of mail %s: %w", name, err)
	}
	if err := p.html.ExecuteTemplate(&html, "layout.html", frame); err != nil {
		return Body{}, fmt.Errorf("html of mail %s: %w", name, err)
	}
	return Body{Subject: frame.Subject, Text: tidy(text.String()), HTML: html.String()}, nil
}

func (t *Templates) find(name string) (pair, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p, ok := t.parsed[name]; ok {
		return p, nil
	}
	if name == "layout" || path.Base(name) != name {
		return pair{}, errors.New("there is no such mail")
	}
	text, err := texttemplate.New(name).Funcs(funcs).Option("missingkey=error").ParseFS(t.files, "mail/layout.txt", "mail/"+name+".txt")
	if err != nil {
		return pair{}, err
	}
	html, err := htmltemplate.New(name).Funcs(funcs).Option("missingkey=error").ParseFS(t.files, "mail/layout.html", "mail/"+name+".html")
	if err != nil {
		return pair{}, err
	}
	p := pair{text: text, html: html}
	t.parsed[name] = p
	return p, nil
}

// tidy trims what template actions leave behind: spaces at line ends and runs of empty lines.
func tidy(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	var b strings.Builder
	empty := 0
	for _, l := range lines {
		l = strings.TrimRight(l, " \t")
		if l == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			b.WriteString(strings.Repeat("\n", min(empty, 1)))
		}
		empty = 0
		b.WriteString(l + "\n")
	}
	return b.String()
}

var funcs = map[string]any{
	"link":  func(text, url string) Link { return Link{Text: text, URL: url} },
	"money": money.Money.String,
	"date":  longDate,
	"rule":  func(s string) string { return strings.Repeat("-", min(len([]rune(s)), 60)) },
}

// longDate is how a mail writes a date or the day of an instant (in UTC): "November 22, 2026".
func longDate(v any) (string, error) {
	switch d := v.(type) {
	case day.Day:
		return d.Start(time.UTC).Format("January 2, 2006"), nil
	case time.Time:
		return d.UTC().Format("January 2, 2006"), nil
	}
	return "", fmt.Errorf("%T is not a date", v)
}
