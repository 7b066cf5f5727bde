package volunteer

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/domain/id"
)

// Cover is a question to some people: can you help with this shift? The first yes wins.
type Cover struct {
	OrgID     uuid.UUID    `gorm:"primaryKey;type:uuid"`
	ID        id.ID[Cover] `gorm:"primaryKey;type:uuid"`
	ShiftID   id.ID[Shift] `gorm:"type:uuid"`
	Message   string       // of staff, in the mail
	CreatedBy *uuid.UUID
	CreatedAt time.Time
}

// TableName tells GORM the table.
func (Cover) TableName() string { return "cover_requests" }

// Answer is what somebody said when asked to help.
type Answer string

// The answers.
const (
	Asked    Answer = "asked"
	Yes      Answer = "yes"
	No       Answer = "no"
	TooLate  Answer = "too_late" // said yes when somebody else had
	Hindered Answer = "hindered" // said yes, but a rule stands against it
)

// Ask is the question to one person.
type Ask struct {
	OrgID      uuid.UUID    `gorm:"primaryKey;type:uuid"`
	ID         id.ID[Ask]   `gorm:"primaryKey;type:uuid"`
	CoverID    id.ID[Cover] `gorm:"type:uuid"`
	ShiftID    id.ID[Shift] `gorm:"type:uuid"`
	PersonID   uuid.UUID
	Reasons    Words // why this person was proposed, as codes
	Answer     Answer
	AnsweredAt *time.Time
	CreatedAt  time.Time
}

// TableName tells GORM the table.
func (Ask) TableName() string { return "cover_asks" }

// MostAsked is how many people one question goes to.
const MostAsked = 50

// Prospect is what is known of somebody who might cover a shift.
type Prospect struct {
	PersonID     uuid.UUID
	Name         string
	Skills       Words
	Availability Availability
	Latitude     *float64
	Longitude    *float64
	City         string
	PostalCode   string
	Minutes      int // approved, ever
	SameRole     int // shifts of this opportunity or role that they did
	Came         int // shifts they did, of the last year
	NoShows      int // of the last year
	LastAskedAt  *time.Time
	Obstacles    []Rule `gorm:"-"` // rules that stand against them now
}

// Because is one reason for proposing somebody, or against it.
type Because struct {
	Code   string   // skills, available, unavailable, near, same_town, same_role, experienced, reliable, no_shows, asked_lately, or a Rule
	Points int      // what it adds to the score
	Words  []string // of skills: which
	Number int      // kilometres, shifts, hours, or percent, by code
}

// Proposal is somebody who could cover a shift, and why.
type Proposal struct {
	Prospect
	Score   int
	Reasons []Because
}

// Eligible reports whether no rule stands against the proposal.
func (p Proposal) Eligible() bool { return len(p.Obstacles) == 0 }

// Propose ranks who could cover a shift: the eligible first, then by score, then by name. What counts most is that people can (skills,
// time), then that they will (service, reliability), then that it is easy (distance).
func Propose(s Shift, o Opportunity, all []Prospect, at time.Time) []Proposal {
	proposals := make([]Proposal, len(all))
	for i, p := range all {
		proposals[i] = propose(s, o, p, at)
	}
	slices.SortStableFunc(proposals, func(a, b Proposal) int {
		return cmp.Or(cmp.Compare(len(a.Obstacles), len(b.Obstacles)), cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name))
	})
	return proposals
}

func propose(s Shift, o Opportunity, p Prospect, at time.Time) Proposal {
	out := Proposal{Prospect: p}
	because := func(code string, points, number int, words ...string) {
		out.Score += points
		out.Reasons = append(out.Reasons, Because{code, points, words, number})
	}
	if common := o.Skills.Common(p.Skills); len(common) > 0 {
		because("skills", 40*len(common)/len(o.Skills), len(common), common...)
	}
	switch {
	case p.Availability == 0:
	case p.Availability.Fits(s.StartsLocal):
		because("available", 30, 0)
	default:
		because("unavailable", -20, 0)
	}
	if p.SameRole > 0 {
		because("same_role", min(20, 8+4*p.SameRole), p.SameRole)
	}
	if hours := p.Minutes / 60; hours > 0 {
		because("experienced", min(10, 2+hours/10), hours)
	}
	if n := p.Came + p.NoShows; n > 0 {
		percent := 100 * p.Came / n
		if p.NoShows == 0 || percent >= 90 {
			because("reliable", min(15, 5+2*p.Came), percent)
		} else {
			because("no_shows", -10*p.NoShows, p.NoShows)
		}
	}
	out.near(o, because)
	if p.LastAskedAt != nil && at.Sub(*p.LastAskedAt) < 14*24*time.Hour {
		because("asked_lately", -10, int(at.Sub(*p.LastAskedAt).Hours()/24))
	}
	for _, rule := range p.Obstacles {
		out.Reasons = append(out.Reasons, Because{Code: string(rule)})
	}
	return out
}

func (p *Proposal) near(o Opportunity, because func(code string, points, number int, words ...string)) {
	if o.Place.Remote {
		return
	}
	if p.Latitude != nil && o.Place.Latitude != nil {
		km := Kilometres(*p.Latitude, *p.Longitude, *o.Place.Latitude, *o.Place.Longitude)
		because("near", max(0, 20-int(km)), int(math.Round(km)))
		return
	}
	same := func(a, b string) bool {
		return a != "" && strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
	}
	if same(p.PostalCode, o.Place.PostalCode) {
		because("same_postal_code", 15, 0)
	} else if same(p.City, o.Place.City) {
		because("same_town", 10, 0)
	}
}

// Kilometres is the distance of two places on the earth as the crow flies (haversine, mean radius 6371 km), from degrees.
func Kilometres(lat1, lon1, lat2, lon2 float64) float64 {
	const radius, degree = 6371, math.Pi / 180
	sin2 := func(x float64) float64 { return math.Sin(x/2) * math.Sin(x/2) }
	a := sin2((lat2-lat1)*degree) + math.Cos(lat1*degree)*math.Cos(lat2*degree)*sin2((lon2-lon1)*degree)
	return 2 * radius * math.Asin(math.Min(1, math.Sqrt(a)))
}
