package donation

import (
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/domain/account"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/text"
)

// ConsentWording is the sentence beside the box of a giving form that allows mail: what a person agreed to is kept with the consent.
func ConsentWording(organization string) string {
	return organization + " may email me about its work. I can stop this at any time."
}

// CheckoutRequest is a filled giving form.
type CheckoutRequest struct {
	OrgSlug      string
	CampaignSlug string
	Amount       money.Money // the gift, without cover
	CoverFee     bool
	FirstName    string
	LastName     string
	Email        string
	Visibility   Visibility
	Comment      string
	EmailConsent bool
	Frequency    Frequency
	Zone         string    // the browser's, for a monthly gift: whose morning later charges come in; an unknown one is the organization's
	FormToken    uuid.UUID // made with the form; the same form sent twice is one gift
	IP           string    // for limits only, never stored
}

// Frequency is how often a giving form gives.
type Frequency string

// The frequencies.
const (
	Once    Frequency = "once"
	Monthly Frequency = "monthly"
)

// CheckoutStarted says where the donor goes next: to the card page, or, for a form already paid, to the thank-you page.
type CheckoutStarted struct {
	DonationID  id.ID[Donation]
	Reference   string
	RedirectURL string
}

// Clean trims and checks what the donor typed, all fields at once.
func (r *CheckoutRequest) Clean() error {
	donor := Donor{r.FirstName, r.LastName, r.Email}
	errDonor := donor.clean()
	r.FirstName, r.LastName, r.Email = donor.FirstName, donor.LastName, donor.Email
	var errEmail, errAmount, errComment, errVisibility, errFrequency, errToken error
	if errDonor == nil && r.Email == "" {
		errEmail = account.ErrEmailInvalid
	}
	if err := r.Amount.Chargeable(); err != nil {
		errAmount = fault.Blame(err, "amount")
	}
	r.Comment, errComment = text.Block("comment", r.Comment, 500)
	switch r.Visibility {
	case "":
		r.Visibility = NameAndAmount
	case NameAndAmount, NameOnly, Anonymous:
	default:
		errVisibility = ErrVisibility
	}
	switch r.Frequency {
	case "":
		r.Frequency = Once
	case Once, Monthly:
	default:
		errFrequency = ErrFrequency
	}
	if r.FormToken == uuid.Nil {
		errToken = ErrFormToken
	}
	return fault.Join(errAmount, errDonor, errEmail, errComment, errVisibility, errFrequency, errToken)
}

// token ties the form to what was typed: sent again unchanged it is the same gift, sent again with another amount it is another one.
func (r CheckoutRequest) token() uuid.UUID {
	typed := fmt.Sprintf("%q", []string{
		r.OrgSlug, r.CampaignSlug, r.Amount.String(), fmt.Sprint(r.CoverFee), r.FirstName, r.LastName, r.Email, string(r.Visibility), r.Comment, fmt.Sprint(r.EmailConsent),
		string(r.Frequency),
	})
	return uuid.NewHash(sha256.New(), r.FormToken, []byte(typed), 8)
}

// Start makes the donation a cleaned form asks for; tariff is what a card payment costs, for the cover.
func Start(org uuid.UUID, r CheckoutRequest, t Target, tariff money.Tariff, now time.Time) (Donation, error) {
	cover := int64(0)
	if r.CoverFee {
		gross := tariff.Gross(r.Amount)
		if err := gross.Chargeable(); err != nil {
			return Donation{}, fault.Blame(err, "amount")
		}
		cover = gross.Minor - r.Amount.Minor
	}
	token := r.token()
	return Donation{
		OrgID: org, ID: id.New[Donation](), Reference: NewReference(), CampaignID: t.CampaignID, CauseID: t.CauseID, FundID: t.FundID,
		Method: Card, Status: Draft, Amount: r.Amount, CoverMinor: cover, DonorFirstName: r.FirstName, DonorLastName: r.LastName, DonorEmail: r.Email,
		Visibility: r.Visibility, Comment: r.Comment, EmailConsent: r.EmailConsent, FormToken: &token, InitiatedAt: now, OccurredAt: now, UpdatedAt: now,
	}, nil
}

// Collection is what it takes to collect an instalment of a plan or pledge: the gift that it makes, and the card it is charged to.
type Collection struct {
	OrgID        uuid.UUID
	InstalmentID uuid.UUID
	PersonID     *uuid.UUID
	Donor        Donor
	Target       Target
	Amount       money.Money
	CoverMinor   int64
	Visibility   Visibility
	EmailConsent bool
	Purpose      string               // what the donor reads on the page and the statement
	Card         *payment.SavedMethod // nil: the donor pays on the gateway's page
	SaveCard     bool                 // of a page: keep the card that is used there
	ReturnURL    string               // of a page: where the donor comes back to
}

// Collect makes the gift that collects an instalment.
func Collect(c Collection, now time.Time) Donation {
	return Donation{
		OrgID: c.OrgID, ID: id.New[Donation](), Reference: NewReference(), PersonID: c.PersonID, CampaignID: c.Target.CampaignID,
		CauseID: c.Target.CauseID, FundID: c.Target.FundID, InstalmentID: &c.InstalmentID, Method: Card, Status: Draft, Amount: c.Amount,
		CoverMinor: c.CoverMinor, DonorFirstName: c.Donor.FirstName, DonorLastName: c.Donor.LastName, DonorEmail: c.Donor.Email,
		Visibility: c.Visibility, EmailConsent: c.EmailConsent, InitiatedAt: now, OccurredAt: now, UpdatedAt: now,
	}
}
