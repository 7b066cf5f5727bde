package volunteer

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
)

// HelpStatus says how far an offer of help has come.
type HelpStatus string

// The statuses of an offer of help.
const (
	HelpUnconfirmed HelpStatus = "unconfirmed" // of nobody yet: the mail is not confirmed
	HelpOpen        HelpStatus = "open"        // waits for an answer
	HelpAnswered    HelpStatus = "answered"
)

// HelpLife is how long the link works that confirms an offer of help; one that nobody confirmed by then is deleted.
const HelpLife = 24 * time.Hour

// LongestHelpMessage is in characters.
const LongestHelpMessage = 2000

// ErrHelpOffer means that the organization has no such offer of help.
var ErrHelpOffer = fault.NotFound("help_offer")

// HelpOffer is somebody offering help without choosing a shift. Until the mail is confirmed it belongs to nobody.
type HelpOffer struct {
	OrgID           uuid.UUID        `gorm:"primaryKey;type:uuid"`
	ID              id.ID[HelpOffer] `gorm:"primaryKey;type:uuid"`
	TokenHash       []byte           // of the mailed link; nil when none was needed
	FirstName       string           // as typed, like all that follows: what is known of the person may differ
	LastName        string
	Email           string
	EmailNormalized string
	Phone           string
	Skills          Words
	Interests       Words
	Availability    Availability
	Message         string
	Status          HelpStatus
	PersonID        *uuid.UUID
	ExpiresAt       time.Time // the link works so long
	ConfirmedAt     *time.Time
	AnsweredAt      *time.Time
	AnsweredBy      *uuid.UUID // the login
	CreatedAt       time.Time
}

// TableName tells GORM the table.
func (HelpOffer) TableName() string { return "offers_of_help" }

// HelpDetails is what somebody can do and would like to.
type HelpDetails struct {
	Skills       []string
	Interests    []string
	Availability Availability
	Message      string
}

// NewHelpOffer tidies what was typed; whose it is, is added by the caller.
func NewHelpOffer(org uuid.UUID, d HelpDetails, at time.Time) (HelpOffer, error) {
	o := HelpOffer{
		OrgID: org, ID: id.New[HelpOffer](), Availability: d.Availability & AlwaysAvailable, Status: HelpUnconfirmed, CreatedAt: at, ExpiresAt: at.Add(HelpLife),
	}
	var errSkills, errInterests error
	o.Skills, errSkills = NewWords("skills", d.Skills)
	o.Interests, errInterests = NewWords("interests", d.Interests)
	return o, fault.Join(errSkills, errInterests, block(&o.Message, "message", d.Message, LongestHelpMessage))
}

// Confirm makes the offer that of a person.
func (o *HelpOffer) Confirm(person uuid.UUID, at time.Time) {
	o.Status, o.PersonID, o.ConfirmedAt = HelpOpen, &person, &at
}

// Answer notes who answered and when, and reports whether that is new: the first answer stays.
func (o *HelpOffer) Answer(by *uuid.UUID, at time.Time) bool {
	if o.Status != HelpOpen {
		return false
	}
	o.Status, o.AnsweredAt, o.AnsweredBy = HelpAnswered, &at, by
	return true
}

// Reopen takes the answer back, and reports whether there was one.
func (o *HelpOffer) Reopen() bool {
	if o.Status != HelpAnswered {
		return false
	}
	o.Status, o.AnsweredAt, o.AnsweredBy = HelpOpen, nil, nil
	return true
}

// Learn adds what an offer of help says to what is known, and reports whether anything is new. Nothing is taken away; of words as many are added
// as fit.
func (p *Profile) Learn(o HelpOffer, at time.Time) bool {
	after := *p
	after.Skills, after.Interests, after.Availability = p.Skills.with(o.Skills), p.Interests.with(o.Interests), p.Availability|o.Availability
	if slices.Equal(after.Skills, p.Skills) && slices.Equal(after.Interests, p.Interests) && after.Availability == p.Availability {
		return false
	}
	after.Version, after.UpdatedAt = p.Version+1, at
	*p = after
	return true
}

// with adds other words, as many as fit.
func (w Words) with(other Words) Words {
	all := slices.Clone(w)
	for _, word := range other {
		if len(all) < mostWords && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	slices.Sort(all)
	return all
}
