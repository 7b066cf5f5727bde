package volunteering

import (
	"strings"
	"time"

	"tributary/domain/day"
	"tributary/domain/volunteer"
)

// dayInWords writes a day as pages head it: "Saturday 28 November", with the year when it is not that of today.
func dayInWords(d, today day.Day) string {
	layout := "Monday 2 January"
	if d.Year() != today.Year() {
		layout += " 2006"
	}
	return d.Start(time.UTC).Format(layout)
}

// spanInWords writes when a shift is, in its own clock: "09:00–12:00 EST". A shift of the night names the day on which it ends, and one in
// which the clocks change both zones.
func spanInWords(s volunteer.Shift) string {
	zone := s.Location()
	from, to := s.StartsAt.In(zone), s.EndsAt.In(zone)
	starts, ends := zoneInWords(from), zoneInWords(to)
	text := from.Format("15:04")
	if starts != ends {
		text += " " + starts
	}
	if s.StartsLocal.Day() == s.EndsLocal.Day() {
		text += "–"
	} else {
		text += " – " + to.Format("Monday") + " "
	}
	return text + to.Format("15:04") + " " + ends
}

// instantInWords writes an instant as a clock of a zone shows it: "Monday 23 November at 14:30 EST".
func instantInWords(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return t.Format("Monday 2 January at 15:04 ") + zoneInWords(t)
}

// clockInWords writes the time of day of an instant, and the day when it is not today's: "14:30 EST".
func clockInWords(t time.Time, zone *time.Location, now time.Time) string {
	if day.In(t, zone) != day.In(now, zone) {
		return instantInWords(t, zone)
	}
	t = t.In(zone)
	return t.Format("15:04 ") + zoneInWords(t)
}

// zoneInWords is the zone's short name, or its offset where it has none.
func zoneInWords(t time.Time) string {
	name := t.Format("MST")
	if strings.HasPrefix(name, "+") || strings.HasPrefix(name, "-") {
		return t.Format("UTC-07:00")
	}
	return name
}

// placeInWords is where to come, on one line; empty for work done from anywhere.
func placeInWords(p volunteer.Place) string {
	if p.Remote {
		return ""
	}
	return joined(", ", p.Name, p.City)
}

// addressInWords is the whole address of a place, on one line.
func addressInWords(p volunteer.Place) string {
	if p.Remote {
		return ""
	}
	return joined(", ", p.Name, p.AddressLine1, joined(" ", p.City, p.Region, p.PostalCode), p.Country)
}

// joined joins what is not empty.
func joined(by string, parts ...string) string {
	some := make([]string, 0, len(parts))
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, by)
}
