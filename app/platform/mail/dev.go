package mail

import (
	"context"
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/message"
)

//go:embed outbox.html
var outboxPage string

var outboxTemplate = template.Must(template.New("outbox").Funcs(template.FuncMap{
	"clock": func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
}).Parse(outboxPage))

// outboxSize is how many mails the page lists.
const outboxSize = 200

// DevHandler serves the development outbox: every mail of every organization and login, newest first, with its links. It shows secrets
// and asks nobody who they are, so it is mounted only where the program runs with its embedded database.
//
//	GET /dev/outbox                 the list (?to=address narrows it); application/json when asked for
//	GET /dev/outbox/{id}            one mail
//	GET /dev/outbox/{id}/html       its HTML part alone, without scripts
//	GET /dev/outbox/{id}/files/{n}  an attachment
func (o *Outbox) DevHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dev/outbox", o.devList)
	mux.HandleFunc("GET /dev/outbox/{id}", o.devShow)
	mux.HandleFunc("GET /dev/outbox/{id}/html", o.devHTML)
	mux.HandleFunc("GET /dev/outbox/{id}/files/{n}", o.devFile)
	return mux
}

// devMail is either sort of mail as the page shows it.
type devMail struct {
	ID          uuid.UUID            `json:"id"`
	OrgID       uuid.UUID            `json:"-"`
	Kind        string               `json:"kind"`
	From        string               `json:"from"`
	ToEmail     string               `json:"to_email"`
	ToName      string               `json:"to_name"`
	Subject     string               `json:"subject"`
	Text        string               `json:"text"`
	HTML        string               `json:"-"`
	State       message.State        `json:"state"`
	LastError   string               `json:"last_error,omitempty"`
	CreatedAt   time.Time            `json:"created_at"`
	Attachments []message.Attachment `json:"attachments"`
	Links       []string             `json:"links"`
}

var addresses = regexp.MustCompile(`https?://[^\s<>"]+`)

func (o *Outbox) devMails(ctx context.Context) ([]devMail, error) {
	var mails []devMail
	var orgs []uuid.UUID
	err := o.db.Read(ctx, database.Platform(), func(r database.Reader) error {
		mails = nil
		var logins []message.LoginMessage
		if err := r.Gorm(ctx).Order("created_at DESC, id DESC").Limit(outboxSize).Find(&logins).Error; err != nil {
			return err
		}
		for _, m := range logins {
			mails = append(mails, devMail{
				ID: m.ID.UUID, Kind: m.Kind, ToEmail: m.ToEmail, ToName: m.ToName, Subject: m.Subject, Text: m.Text, HTML: m.HTML,
				State: m.State, LastError: m.LastError, CreatedAt: m.CreatedAt, Attachments: []message.Attachment{}, Links: links(m.Text),
			})
		}
		return r.Gorm(ctx).Table("organizations").Order("created_at DESC").Limit(outboxSize).Pluck("id", &orgs).Error
	})
	if err != nil {
		return nil, fmt.Errorf("list outbox: %w", err)
	}
	for _, org := range orgs {
		err := o.db.Read(ctx, database.Tenant(org), func(r database.Reader) error {
			var found []message.Message
			if err := r.Gorm(ctx).Order("created_at DESC, id DESC").Limit(outboxSize).Find(&found).Error; err != nil {
				return err
			}
			for _, m := range found {
				mails = append(mails, devMail{
					ID: m.ID.UUID, OrgID: m.OrgID, Kind: m.Kind, From: m.FromName, ToEmail: m.ToEmail, ToName: m.ToName, Subject: m.Subject,
					Text: m.Text, HTML: m.HTML, State: m.State, LastError: m.LastError, CreatedAt: m.CreatedAt,
					Attachments: m.Attachments, Links: links(m.Text),
				})
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("list outbox: %w", err)
		}
	}
	slices.SortStableFunc(mails, func(a, b devMail) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return mails[:min(len(mails), outboxSize)], nil
}

func links(text string) []string {
	found := []string{}
	for _, l := range addresses.FindAllString(text, -1) {
		if l = strings.TrimRight(l, ".,;:)"); !slices.Contains(found, l) {
			found = append(found, l)
		}
	}
	return found
}

func (o *Outbox) devList(w http.ResponseWriter, r *http.Request) {
	mails, err := o.devMails(r.Context())
	if err != nil {
		http.Error(w, "The outbox cannot be read.", http.StatusInternalServerError)
		return
	}
	if to := r.URL.Query().Get("to"); to != "" {
		mails = slices.DeleteFunc(mails, func(m devMail) bool { return !strings.EqualFold(m.ToEmail, to) })
	}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"items": append([]devMail{}, mails...)}) // the reader may have gone
		return
	}
	devPage(w, map[string]any{"Mails": mails, "Keeps": o.Keeps()})
}

func (o *Outbox) devShow(w http.ResponseWriter, r *http.Request) {
	if m, ok := o.devFind(w, r); ok {
		devPage(w, map[string]any{"Mail": m, "Keeps": o.Keeps()})
	}
}

// devHTML shows a mail as a mail program does: its own styles, no script, no form, links opening in the whole window.
func (o *Outbox) devHTML(w http.ResponseWriter, r *http.Request) {
	m, ok := o.devFind(w, r)
	if !ok {
		return
	}
	devHeaders(w, "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; base-uri 'none'; form-action 'none'; "+
		"frame-ancestors 'self'; sandbox allow-top-navigation-by-user-activation allow-popups allow-popups-to-escape-sandbox")
	_, _ = w.Write([]byte(strings.ReplaceAll(m.HTML, "<a ", `<a target="_top" `))) // the reader may have gone
}

func (o *Outbox) devFile(w http.ResponseWriter, r *http.Request) {
	m, ok := o.devFind(w, r)
	if !ok {
		return
	}
	for i, a := range m.Attachments {
		if fmt.Sprint(i) != r.PathValue("n") {
			continue
		}
		scheme, ref, _ := strings.Cut(a.Key, ":")
		source, ok := o.sources[scheme]
		if !ok {
			break
		}
		content, err := source(r.Context(), m.OrgID, ref)
		if err != nil {
			http.Error(w, "This attachment cannot be made.", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", a.ContentType)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Content-Security-Policy", "sandbox")
		_, _ = w.Write(content) // the reader may have gone
		return
	}
	http.NotFound(w, r)
}

func (o *Outbox) devFind(w http.ResponseWriter, r *http.Request) (devMail, bool) {
	mails, err := o.devMails(r.Context())
	if err != nil {
		http.Error(w, "The outbox cannot be read.", http.StatusInternalServerError)
		return devMail{}, false
	}
	for _, m := range mails {
		if m.ID.String() == r.PathValue("id") {
			return m, true
		}
	}
	http.NotFound(w, r)
	return devMail{}, false
}

func devPage(w http.ResponseWriter, data any) {
	devHeaders(w, "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	if err := outboxTemplate.Execute(w, data); err != nil {
		http.Error(w, "The outbox cannot be shown.", http.StatusInternalServerError)
	}
}

func devHeaders(w http.ResponseWriter, policy string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Cache-Control", "no-store")
}
