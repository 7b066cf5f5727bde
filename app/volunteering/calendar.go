package volunteering

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/message"
	"tributary/domain/volunteer"
)

// calendarScheme is how a mail names a calendar file, which is written when the mail is sent: it says how the shift is then.
const calendarScheme = "shift"

// calendarFile is the attachment with the shifts of sign-ups.
func calendarFile(signUps []id.ID[volunteer.SignUp]) message.Attachment {
	refs := make([]string, len(signUps))
	for i, of := range signUps {
		refs[i] = of.String()
	}
	name := "shift.ics"
	if len(signUps) > 1 {
		name = "shifts.ics"
	}
	return message.Attachment{Name: name, ContentType: "text/calendar; charset=utf-8", Key: calendarScheme + ":" + strings.Join(refs, ",")}
}

// calendarAttachment writes the calendar file that a mail names.
func (s *Service) calendarAttachment(ctx context.Context, orgID uuid.UUID, ref string) ([]byte, error) {
	var signUps []uuid.UUID
	for part := range strings.SplitSeq(ref, ",") {
		of, err := uuid.Parse(part)
		if err != nil {
			return nil, fmt.Errorf("read attachment of sign-ups: %w", err)
		}
		signUps = append(signUps, of)
	}
	org, err := s.organizations.Organization(ctx, orgID)
	if err != nil {
		return nil, err
	}
	var entries []entry
	err = s.db.Read(ctx, database.Tenant(orgID), func(r database.Reader) (err error) {
		entries, err = entriesOf(ctx, r, signUps)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, fault.NotFound("sign_up")
	}
	return s.calendarOf(org, entries), nil
}

// entry is one sign-up in a calendar.
type entry struct {
	told
	SignUp volunteer.SignUp
}

// withShifts adds to sign-ups their shifts, in the order of their time.
func withShifts(ctx context.Context, r database.Reader, signUps []volunteer.SignUp) ([]entry, error) {
	of := make([]id.ID[volunteer.Shift], len(signUps))
	for i, u := range signUps {
		of[i] = u.ShiftID
	}
	shifts, err := shiftsWithOffers(ctx, r, of)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(signUps))
	for i, u := range signUps {
		at := shifts[u.ShiftID]
		at.Party = u.Party
		entries[i] = entry{at, u}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(a.Shift.StartsAt.Compare(b.Shift.StartsAt), strings.Compare(a.SignUp.ID.String(), b.SignUp.ID.String()))
	})
	return entries, nil
}

// feedRefresh is how often a calendar program is asked to look again.
const feedRefresh = "PT1H"

// calendarOf writes sign-ups of one person as a calendar (RFC 5545). Times are instants, which need no zone and survive every change of the
// clocks; the words beside them are in the shift's own zone. It names nobody but the contact.
func (s *Service) calendarOf(org account.Organization, entries []entry) []byte {
	cal := ics.NewCalendarFor("Tributary")
	cal.SetProductId("-//Tributary//Shifts//EN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(message.Line("Shifts at " + org.Name))
	cal.SetRefreshInterval(feedRefresh)
	cal.SetXPublishedTTL(feedRefresh)
	for _, e := range entries {
		w := s.words(org, e.told)
		event := cal.AddEvent(e.SignUp.ID.String() + "@" + s.publicURL.Hostname())
		event.SetSequence(max(0, e.SignUp.Version+e.Shift.Version+e.Offer.Version-3)) // each only grows
		changed := latest(e.SignUp.UpdatedAt, e.Shift.UpdatedAt, e.Offer.UpdatedAt)
		event.SetDtStampTime(changed)
		event.SetModifiedAt(changed)
		event.SetStartAt(e.Shift.StartsAt)
		event.SetEndAt(e.Shift.EndsAt)
		event.SetSummary(message.Line(w.Title) + standing(e))
		event.SetStatus(statusOf(e))
		event.SetLocation(message.Line(w.Where))
		event.SetDescription(s.describe(org, w))
		event.SetURL(s.myShiftsURL(org))
		if p := e.Offer.Place; p.Latitude != nil && !p.Remote {
			event.SetGeo(*p.Latitude, *p.Longitude)
		}
	}
	return []byte(cal.Serialize(ics.WithNewLine("\r\n")))
}

// statusOf says whether the time is to be kept free.
func statusOf(e entry) ics.ObjectStatus {
	switch {
	case ended(e):
		return ics.ObjectStatusCancelled
	case e.SignUp.Status == volunteer.Waiting || e.SignUp.Status == volunteer.Offered || e.SignUp.Status == volunteer.Held:
		return ics.ObjectStatusTentative
	}
	return ics.ObjectStatusConfirmed
}

// ended reports whether the person does not come any more.
func ended(e entry) bool {
	return e.Shift.Status == volunteer.Cancelled || !e.SignUp.Status.Active() && e.SignUp.Status != volunteer.NoShow
}

// standing is said behind the title where a calendar shows no status.
func standing(e entry) string {
	switch {
	case ended(e):
		return " (cancelled)"
	case e.SignUp.Status == volunteer.Waiting:
		return " (waitlist)"
	case e.SignUp.Status == volunteer.Offered:
		return " (place held for you)"
	}
	return ""
}

// describe is the text of an entry, in the lines of a mail.
func (s *Service) describe(org account.Organization, w shiftWords) string {
	all := []string{message.Line(org.Name), "When: " + w.When}
	add := func(label, text string) {
		if text = message.Line(text); text != "" {
			all = append(all, label+text)
		}
	}
	if w.Party > 1 {
		add("People: ", fmt.Sprintf("%d, you included", w.Party))
	}
	add("Meeting point: ", w.Meet)
	for i, line := range w.Directions {
		add([]string{"Getting there: ", ""}[min(i, 1)], line)
	}
	add("Contact: ", w.Contact())
	add("Cancelled: ", w.Reason)
	add("My shifts: ", s.myShiftsURL(org))
	return strings.Join(all, "\n")
}

func latest(times ...time.Time) time.Time {
	return slices.MaxFunc(times, time.Time.Compare).UTC().Truncate(time.Second)
}
