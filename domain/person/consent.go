package person

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/text"
)

// Channel is a way to reach a person.
type Channel string

// The channels.
const (
	ChannelEmail Channel = "email"
	ChannelPhone Channel = "phone"
	ChannelText  Channel = "text"
	ChannelPost  Channel = "post"
)

// Channels lists every channel in the order screens show them.
var Channels = []Channel{ChannelEmail, ChannelPhone, ChannelText, ChannelPost}

// Valid reports whether the channel exists.
func (c Channel) Valid() bool { return slices.Contains(Channels, c) }

// ConsentSource says where a person, or staff for them, gave or withdrew consent.
type ConsentSource string

// The sources of consent.
const (
	FromGivingPage    ConsentSource = "giving_page"
	FromSupporterPage ConsentSource = "supporter_page"
	FromStaff         ConsentSource = "staff"
	FromImport        ConsentSource = "import"
)

const maxWording = 500

// Consent is one answer of a person: may the organization use this channel? The newest answer of a channel counts; none means no. It is
// never changed.
type Consent struct {
	OrgID    uuid.UUID      `gorm:"primaryKey;type:uuid"`
	ID       id.ID[Consent] `gorm:"primaryKey;type:uuid"`
	PersonID id.ID[Person]  `gorm:"type:uuid"`
	Channel  Channel
	Granted  bool
	Source   ConsentSource
	Wording  string // the sentence the person agreed to, as it stood on the page
	At       time.Time
}

// TableName tells GORM the table.
func (Consent) TableName() string { return "consents" }

// Answer is what a person said about a channel, where, and to which sentence.
type Answer struct {
	Channel Channel
	Granted bool
	Source  ConsentSource
	Wording string
}

// NewConsent records an answer of p.
func NewConsent(org uuid.UUID, p id.ID[Person], a Answer, at time.Time) (Consent, error) {
	if !a.Channel.Valid() {
		return Consent{}, fault.Invalid("channel", "consent.channel", "The channel is email, phone, text or post.")
	}
	wording, err := text.Line("wording", a.Wording, maxWording)
	if err != nil {
		return Consent{}, err
	}
	return Consent{
		OrgID: org, ID: id.New[Consent](), PersonID: p, Channel: a.Channel, Granted: a.Granted, Source: a.Source, Wording: wording, At: at,
	}, nil
}

// Consents is the newest answer per channel.
type Consents map[Channel]Consent

// Allows reports whether the person agreed to be reached by the channel. No answer is no.
func (c Consents) Allows(channel Channel) bool { return c[channel].Granted }

// Refused reports whether the person said no to the channel; no answer is not a no.
func (c Consents) Refused(channel Channel) bool {
	answer, known := c[channel]
	return known && !answer.Granted
}
