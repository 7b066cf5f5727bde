package volunteering

import (
	"strings"
	"time"

	"tributary/domain/day"
	"tributary/domain/volunteer"
)

// How mails and calendars write times. Each is said in the zone of its shift, with the weekday and the zone's name, so that nobody has to
// reckon.
const (
	dayLayout   = "Mon 2 Jan 2006"
	clockLayout = "15:04"
)

// moment writes an instant: "Sat 28 Nov 2026, 09:00 EST".
func moment(at time.Time, zone *time.Location) string {
	at = at.In(zone)
	return at.Format(dayLayout+", "+clockLayout) + " " + zoneInWords(at)
}

// span writes when a shift is: "Sat 28 Nov 2026, 09:00–12:00 EST". Over midnight, or over a change of the clocks, it says both ends in full.
func span(s volunteer.Shift) string {
	from, to := s.StartsAt.In(s.Location()), s.EndsAt.In(s.Location())
	if from.Format(dayLayout) != to.Format(dayLayout) || zoneInWords(from) != zoneInWords(to) {
		return moment(s.StartsAt, s.Location()) + " – " + moment(s.EndsAt, s.Location())
	}
	return from.Format(dayLayout+", "+clockLayout) + "–" + to.Format(clockLayout) + " " + zoneInWords(from)
}

// dayWords writes a date: "Sat 28 Nov 2026".
func dayWords(d day.Day) string { return d.Start(time.UTC).Format(dayLayout) }

// shiftWords is a shift as mails, pages and calendars say it. What there is nothing to say of is empty.
type shiftWords struct {
	Title        string // of the opportunity, and what tells the shift from others
	When         string
	Party        int // how many come, the reader included
	Where        string
	Meet         string
	Directions   []string // lines
	ContactName  string
	ContactEmail string
	ContactPhone string
	PageURL      string
	Cancelled    bool
	Reason       string // why it was cancelled
}

func wordsOf(s volunteer.Shift, o volunteer.Opportunity) shiftWords {
	return shiftWords{
		Title: shiftTitle(s, o), When: span(s), Where: placeWords(o.Place), Meet: s.MeetingPoint, Directions: lines(o.Directions),
		ContactName: o.ContactName, ContactEmail: o.ContactEmail, ContactPhone: o.ContactPhone,
		Cancelled: s.Status == volunteer.Cancelled, Reason: s.CancelReason,
	}
}

// shiftTitle is what a shift is called: "Pack food parcels: early team".
func shiftTitle(s volunteer.Shift, o volunteer.Opportunity) string {
	if s.Title == "" {
		return o.Title
	}
	return o.Title + ": " + s.Title
}

// placeWords writes where to come, in one line.
func placeWords(p volunteer.Place) string {
	if p.Remote {
		return joined(", ", "From anywhere", p.Name)
	}
	return addressInWords(p)
}

// Contact is who can be asked, in one line.
func (w shiftWords) Contact() string {
	return joined(", ", w.ContactName, w.ContactEmail, w.ContactPhone)
}

// lines splits a text of several lines; nil when it is empty.
func lines(text string) []string {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// differenceWords says what changed about a shift: "Starts: Sat 28 Nov 09:00 → Sat 28 Nov 10:00".
func differenceWords(d volunteer.Difference, s volunteer.Shift) string {
	label := map[string]string{"starts": "Starts", "ends": "Ends", "zone": "Time zone", "place": "Meeting point", "title": "Called"}[d.Field]
	if label == "" {
		label = d.Field
	}
	before, after := d.Before, d.After
	switch d.Field {
	case "starts", "ends":
		before, after = wallWords(d.Before, d.After)
	case "zone":
		before, after = zoneWords(d.Before, s.StartsAt), zoneWords(d.After, s.StartsAt)
	default:
		switch {
		case before == "":
			return label + ": now “" + after + "”"
		case after == "":
			return label + ": no longer “" + before + "”"
		}
		before, after = "“"+before+"”", "“"+after+"”"
	}
	return label + ": " + before + " → " + after
}

// wallWords writes two wall times, with the year when it differs.
func wallWords(before, after string) (was, is string) {
	b, errB := volunteer.ParseWall(before)
	a, errA := volunteer.ParseWall(after)
	if errB != nil || errA != nil {
		return before, after
	}
	layout := "Mon 2 Jan 15:04"
	if b.Day().Year() != a.Day().Year() {
		layout = "Mon 2 Jan 2006 15:04"
	}
	return b.Naive().Format(layout), a.Naive().Format(layout)
}

// zoneWords names a zone as its clocks do about an instant: "America/Chicago (CST)".
func zoneWords(zone string, about time.Time) string {
	l, err := time.LoadLocation(zone)
	if err != nil {
		return zone
	}
	return zone + " (" + zoneInWords(about.In(l)) + ")"
}
