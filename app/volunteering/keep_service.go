package volunteering

// credentialWords is a proof that runs out.
type credentialWords struct {
	Name    string
	Whose   string // in mails to staff
	Until   string
	Expired bool
	URL     string // the person's page, in mails to staff
}
