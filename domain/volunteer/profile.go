package volunteer

import (
	"time"

	"github.com/google/uuid"

	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
)

// ProfileStatus is how a person stands as a volunteer.
type ProfileStatus string

// The statuses of a volunteer.
const (
	Prospective ProfileStatus = "prospective" // has not helped yet
	Active      ProfileStatus = "active"
	Inactive    ProfileStatus = "inactive" // is not asked to help
)

// Profile is what is known of a person as a volunteer. The person's name and address stand on the person.
type Profile struct {
	OrgID             uuid.UUID `gorm:"primaryKey;type:uuid"`
	PersonID          uuid.UUID `gorm:"primaryKey;type:uuid"`
	Status            ProfileStatus
	Skills            Words
	Interests         Words
	Availability      Availability
	BirthDate         *time.Time `gorm:"type:date"`
	Latitude          *float64   // of where they set out, to about a kilometre
	Longitude         *float64
	Notes             string // of the coordinator; the volunteer never sees them
	Reminders         bool   // wants reminders before shifts
	CanBeAsked        bool   // may be asked to cover a shift
	CheckInCode       string // what the QR code says
	FeedToken         string // the secret part of the address of the calendar feed
	NoShowsForgivenAt *time.Time
	Version           int
	CreatedAt         time.Time
	UpdatedAt         time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Profile) TableName() string { return "volunteers" }

// NewProfile is that of somebody of whom nothing is known yet. code and token are random.
func NewProfile(org, person uuid.UUID, code, token string, at time.Time) Profile {
	return Profile{
		OrgID: org, PersonID: person, Status: Prospective, Skills: Words{}, Interests: Words{}, Reminders: true, CanBeAsked: true,
		CheckInCode: code, FeedToken: token, Version: 1, CreatedAt: at, UpdatedAt: at,
	}
}

// ProfilePatch names what to change; nil leaves it.
type ProfilePatch struct {
	Status       *ProfileStatus
	Skills       *[]string
	Interests    *[]string
	Availability *Availability
	BirthDate    *day.Day // zero takes it away
	Coordinates  *[2]float64
	NoPlace      bool // takes the coordinates away
	Notes        *string
	Reminders    *bool
	CanBeAsked   *bool
}

// Apply changes the profile. version is the one the editor saw; 0 takes whichever there is.
func (p *Profile) Apply(c ProfilePatch, version int, at time.Time) error {
	if version != 0 && version != p.Version {
		return ErrChanged
	}
	after := *p
	if err := after.set(c, at); err != nil {
		return err
	}
	after.Version, after.UpdatedAt = p.Version+1, at
	*p = after
	return nil
}

func (p *Profile) set(c ProfilePatch, at time.Time) error {
	var errs []error
	words := func(to *Words, field string, typed *[]string) {
		if typed == nil {
			return
		}
		w, err := NewWords(field, *typed)
		if errs = append(errs, err); err == nil {
			*to = w
		}
	}
	words(&p.Skills, "skills", c.Skills)
	words(&p.Interests, "interests", c.Interests)
	if c.Notes != nil {
		errs = append(errs, block(&p.Notes, "notes", *c.Notes, 5000))
	}
	if c.Status != nil {
		switch *c.Status {
		case Prospective, Active, Inactive:
			p.Status = *c.Status
		default:
			errs = append(errs, fault.Invalid("status", "volunteer.status_unknown", "Choose prospective, active or inactive."))
		}
	}
	if c.BirthDate != nil {
		errs = append(errs, p.setBirthDate(*c.BirthDate, at))
	}
	if c.NoPlace {
		p.Latitude, p.Longitude = nil, nil
	}
	if c.Coordinates != nil {
		latitude, longitude := c.Coordinates[0], c.Coordinates[1]
		errs = append(errs, CheckCoordinates(&latitude, &longitude))
		p.Latitude, p.Longitude = &latitude, &longitude
	}
	if c.Availability != nil {
		p.Availability = *c.Availability & AlwaysAvailable
	}
	setIf(&p.Reminders, c.Reminders)
	setIf(&p.CanBeAsked, c.CanBeAsked)
	return fault.Join(errs...)
}

func setIf[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}

func (p *Profile) setBirthDate(d day.Day, at time.Time) error {
	if d.IsZero() {
		p.BirthDate = nil
		return nil
	}
	if err := CheckBirthDate(d, at); err != nil {
		return err
	}
	born := d.Start(time.UTC)
	p.BirthDate = &born
	return nil
}

// CheckBirthDate reports whether somebody alive can be born on a day.
func CheckBirthDate(d day.Day, at time.Time) error {
	if age := Age(d, day.In(at, time.UTC)); d.After(day.In(at, time.UTC)) || age > 120 {
		return fault.Invalid("birth_date", "volunteer.birth_date", "Check the date of birth.")
	}
	return nil
}

// Availability is when somebody usually has time: a bit per weekday, Monday first, and part of the day. Zero: they have not said.
type Availability int32

// Parts of a day: until 12, until 17, until 22, and the night.
const (
	Morning = iota
	Afternoon
	Evening
	Night
	partsOfDay
)

// AlwaysAvailable has every bit.
const AlwaysAvailable Availability = 1<<(7*partsOfDay) - 1

// AvailableOn is the bit of a weekday and part of the day.
func AvailableOn(d time.Weekday, part int) Availability {
	return 1 << ((int(d)+6)%7*partsOfDay + part)
}

// Fits reports whether somebody who has said when they have time, has time when a shift starts.
func (a Availability) Fits(starts Wall) bool {
	hour, _ := starts.Clock()
	part := Night
	switch {
	case hour >= 5 && hour < 12:
		part = Morning
	case hour >= 12 && hour < 17:
		part = Afternoon
	case hour >= 17 && hour < 22:
		part = Evening
	}
	return a&AvailableOn(starts.Weekday(), part) != 0
}

// CredentialKind is a sort of proof that opportunities can ask for: "Food hygiene certificate", "Background check".
type CredentialKind struct {
	OrgID       uuid.UUID             `gorm:"primaryKey;type:uuid"`
	ID          id.ID[CredentialKind] `gorm:"primaryKey;type:uuid"`
	Name        string
	Description string // what it is and where to get it
	ValidMonths int    // how long a new one holds, unless it says otherwise; 0: for ever
	Archived    bool
	CreatedAt   time.Time
	UpdatedAt   time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (CredentialKind) TableName() string { return "credential_kinds" }

// NewCredentialKind makes a sort of proof.
func NewCredentialKind(org uuid.UUID, name, description string, validMonths int, at time.Time) (CredentialKind, error) {
	k := CredentialKind{OrgID: org, ID: id.New[CredentialKind](), ValidMonths: validMonths, CreatedAt: at, UpdatedAt: at}
	err := fault.Join(required(&k.Name, "name", name, 120), block(&k.Description, "description", description, 2000), checkRange("valid_months", validMonths, 0, 600))
	return k, err
}

// Credential is one person's proof of a kind.
type Credential struct {
	OrgID       uuid.UUID         `gorm:"primaryKey;type:uuid"`
	ID          id.ID[Credential] `gorm:"primaryKey;type:uuid"`
	PersonID    uuid.UUID
	KindID      uuid.UUID
	IssuedOn    day.Day
	ExpiresOn   day.Day // the last day on which it holds; zero: for ever
	Confirmed   bool    // staff have seen it
	ConfirmedBy *uuid.UUID
	Note        string
	WarnedAt    *time.Time // the mail before it expires
	ExpiredAt   *time.Time // the mail when it has
	CreatedAt   time.Time
	UpdatedAt   time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (Credential) TableName() string { return "credentials" }

// CredentialDetails is what is said of a proof.
type CredentialDetails struct {
	IssuedOn  day.Day
	ExpiresOn day.Day // zero: by the kind's ValidMonths
	Note      string
}

// NewCredential records a proof, unconfirmed until Confirm.
func NewCredential(k CredentialKind, person uuid.UUID, d CredentialDetails, at time.Time) (Credential, error) {
	c := Credential{OrgID: k.OrgID, ID: id.New[Credential](), PersonID: person, KindID: k.ID.UUID, IssuedOn: d.IssuedOn, ExpiresOn: d.ExpiresOn, CreatedAt: at, UpdatedAt: at}
	switch {
	case d.IssuedOn.IsZero() || d.IssuedOn.After(day.In(at, time.UTC).AddDays(1)):
		return Credential{}, fault.Invalid("issued_on", "credential.issued_on", "Say when it was issued; not in the future.")
	case !d.ExpiresOn.IsZero() && d.ExpiresOn.Before(d.IssuedOn):
		return Credential{}, fault.Invalid("expires_on", "credential.expires_on", "It cannot expire before it was issued.")
	}
	if c.ExpiresOn.IsZero() && k.ValidMonths > 0 {
		c.ExpiresOn = day.In(d.IssuedOn.Start(time.UTC).AddDate(0, k.ValidMonths, -1), time.UTC)
	}
	return c, block(&c.Note, "note", d.Note, 500)
}

// Confirm notes that staff have seen the proof.
func (c *Credential) Confirm(by *uuid.UUID, at time.Time) {
	c.Confirmed, c.ConfirmedBy, c.UpdatedAt = true, by, at
}

// Proof is how somebody stands to a kind of proof.
type Proof string

// The standings.
const (
	Valid       Proof = "valid"
	Expired     Proof = "expired"
	Unconfirmed Proof = "unconfirmed"
	Missing     Proof = "missing"
)

// Standing is the best that a person's credentials say of a kind on a day.
func Standing(all []Credential, kind uuid.UUID, on day.Day) Proof {
	best := Missing
	for _, c := range all {
		holds := c.ExpiresOn.IsZero() || !c.ExpiresOn.Before(on)
		switch {
		case c.KindID != kind:
		case holds && c.Confirmed:
			return Valid
		case holds:
			best = Unconfirmed
		case best == Missing:
			best = Expired
		}
	}
	return best
}
