package volunteering

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/app/platform/mail"
	"tributary/domain/account"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/volunteer"
)

// longestSubject is where a subject with a long name in it is cut.
const longestSubject = 200

// letter is one mail to one person.
type letter struct {
	template    string // in frontend/templates/mail
	key         string // one mail is written per template and key
	to          recipient
	why         string                    // why the reader gets it; empty: because they signed up
	calendar    []id.ID[volunteer.SignUp] // whose shifts go with it as a calendar file
	unsubscribe string                    // of mails that no deed of the reader caused
	secret      bool                      // it carries a link that signs in
	view        mailView
}

// recipient is who a mail goes to.
type recipient struct {
	PersonID     *uuid.UUID // nil: somebody of the staff, or nobody knows yet who it is
	Email        string
	FirstName    string
	Name         string
	DoNotContact bool
}

// mailView is what the templates of mails about volunteering see. Times are words already; what there is nothing to say of is empty.
type mailView struct {
	Greeting     string // the reader's first name
	Organization string // its public name
	Shifts       []shiftWords
	Line         []lineWords // shifts on whose waitlist the reader is
	Position     int         // on the waitlist
	Waits        bool        // the reader joins the waitlists of Line once they confirm
	Was          string      // what the reader had: a place (confirmed), an offer (offered), or a position in line (waiting)
	ByVolunteer  bool        // the reader ended it
	Swapped      bool        // the place is in exchange for another, which was given back
	Until        string      // how long a place is held, or an answer counts
	CancelUntil  string      // how long a place can be given back online
	Message      []string    // of staff, in lines
	Reason       string      // of staff
	Changes      []changeWords
	Hours        []hoursWords
	Credentials  []credentialWords
	Expired      bool   // the credentials hold no more
	Soon         bool   // the near reminder
	ActURL       string // what the mail asks to do
	PageURL      string // where the reader looks after their shifts
	OptOutURL    string
}

// lineWords is a waitlist that the reader is on.
type lineWords struct {
	Shift    shiftWords
	Position int
}

// Shift is the only or first shift that a mail speaks of.
func (v mailView) Shift() shiftWords {
	switch {
	case len(v.Shifts) > 0:
		return v.Shifts[0]
	case len(v.Line) > 0:
		return v.Line[0].Shift
	case len(v.Changes) > 0:
		return v.Changes[0].Shift
	}
	return shiftWords{}
}

// News is what a mail about shifts says of all of them: cancelled, changed, or only noted.
func (v mailView) News() string {
	switch {
	case !slices.ContainsFunc(v.Changes, func(c changeWords) bool { return !c.Cancelled }):
		return "cancelled"
	case !slices.ContainsFunc(v.Changes, func(c changeWords) bool { return c.Cancelled || len(c.Lines) > 0 }):
		return "noted"
	}
	return "changed"
}

// mailTx writes a mail into the outbox. Whoever has no address that mail reaches gets none: nothing about a mail may hold up what it tells of.
func (s *Service) mailTx(ctx context.Context, tx database.Tx, org account.Organization, l letter) error {
	if !message.ValidAddress(l.to.Email) {
		return nil
	}
	if l.why == "" {
		l.why = "You get this mail because you signed up to help " + org.Name + "."
	}
	l.view.Greeting, l.view.Organization, l.view.PageURL = l.to.FirstName, org.Name, s.myShiftsURL(org)
	body, err := s.outbox.Render(l.template, mail.Sender{Name: org.Name, Color: org.BrandColor, Website: org.Website, Reason: l.why}, l.view)
	if err != nil {
		return err
	}
	if subject := []rune(body.Subject); len(subject) > longestSubject {
		body.Subject = string(subject[:longestSubject-1]) + "…"
	}
	m := message.Message{
		OrgID: org.ID.UUID, Kind: kindOf(l.template), DedupeKey: l.template + ":" + l.key, PersonID: l.to.PersonID, ToEmail: l.to.Email, ToName: l.to.Name,
		FromName: org.Name, Subject: body.Subject, Text: body.Text, HTML: body.HTML, Secret: l.secret,
	}
	if message.ValidAddress(org.Email) {
		m.ReplyTo = org.Email
	}
	if s.publicURL.Scheme == "https" { // one-click unsubscribing is refused anywhere else (RFC 8058)
		m.Unsubscribe = l.unsubscribe
	}
	if len(l.calendar) > 0 {
		m.Attachments = []message.Attachment{calendarFile(l.calendar)}
	}
	return s.outbox.EnqueueTx(ctx, tx, m)
}

// kindOf is what the mail of a template is called on timelines: "sign_up.confirmed" of sign_up_confirmed.
func kindOf(template string) string {
	for _, of := range []string{"sign_up", "shift", "cover", "hours", "credential", "help"} {
		if rest, ok := strings.CutPrefix(template, of+"_"); ok {
			return of + "." + rest
		}
	}
	return template
}

// told is a shift that a mail or a calendar speaks of, with its opportunity.
type told struct {
	Shift volunteer.Shift
	Offer volunteer.Opportunity
	Party int // how many come, the reader included; 0: nobody yet
}

// words is how the shift is said, with the address of its page when the public finds it.
func (s *Service) words(org account.Organization, t told) shiftWords {
	w := wordsOf(t.Shift, t.Offer)
	w.Party = t.Party
	if t.Offer.Status == volunteer.Published && t.Offer.Visibility == volunteer.ForEverybody {
		w.PageURL = s.opportunityURL(org, t.Offer.Slug)
	}
	return w
}
