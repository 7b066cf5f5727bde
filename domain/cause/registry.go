package cause

import (
	"strings"
	"time"

	"tributary/domain/fault"
)

// Faults about the registry.
var (
	// ErrEntryNotFound means that the registry has no such organization.
	ErrEntryNotFound = fault.NotFound("registry_entry")
	// ErrEntryClaimed means that another organization has claimed the entry.
	ErrEntryClaimed = fault.New(fault.KindConflict, "registry.claimed", "Another organization has claimed this entry. Write to support if it is yours.")
	// ErrEntryRemoved means that the entry is gone from the newest file of the authority.
	ErrEntryRemoved = fault.New(fault.KindConflict, "registry.removed", "The IRS no longer lists this organization as exempt, so it cannot be claimed.")
	// ErrNotNonprofit means that a company tried to claim an entry.
	ErrNotNonprofit = fault.New(fault.KindConflict, "registry.not_nonprofit", "Only a nonprofit can claim an entry of the registry of charities.")
	// ErrNoClaim means that the organization has claimed no entry.
	ErrNoClaim = fault.NotFound("registry_claim")
)

// RegistryEntry is one organization in the IRS Exempt Organizations Business Master File. Codes are kept as the file has them, leading
// zeros and all; methods say them in words.
type RegistryEntry struct {
	EIN                 EIN `gorm:"primaryKey;column:ein;type:char(9)"`
	Name                string
	SortName            string // a second line of the name: chapter, lodge, doing business as
	InCareOf            string // as in the file, often starting with "%"
	Street              string
	City                string
	State               string
	ZIP                 string `gorm:"column:zip"`
	GroupNumber         string // of the group exemption the entry is a subordinate of; "0000" when none
	Subsection          string
	Affiliation         string
	Classification      string
	Ruling              string // year and month of the ruling letter; "0" or "000000" when unknown
	Deductibility       string
	Foundation          string
	Activity            string
	OrganizationCode    string
	Status              string
	TaxPeriod           string
	AssetCode           string
	IncomeCode          string
	FilingRequirement   string
	PFFilingRequirement string `gorm:"column:pf_filing_requirement"`
	AccountingPeriod    string
	AssetAmount         *int64 // whole US dollars; nil when the file leaves it blank
	IncomeAmount        *int64
	RevenueAmount       *int64
	NTEECode            string `gorm:"column:ntee_code"`
	Source              string // the file's name, such as eo_wy
	RowHash             []byte // of the row, so that an unchanged row is not written again
	RemovedAt           *time.Time
	CreatedAt           time.Time
	UpdatedAt           time.Time `gorm:"autoUpdateTime:false"`
}

// TableName tells GORM the table.
func (RegistryEntry) TableName() string { return "registry_entries" }

// CareOf is the person or office mail is addressed to, without the "%" the file writes for "in care of".
func (e RegistryEntry) CareOf() string { return strings.TrimSpace(strings.TrimPrefix(e.InCareOf, "%")) }

// PostalCode is the ZIP code as people write it: nothing for a foreign address, no "-0000".
func (e RegistryEntry) PostalCode() string {
	if strings.HasPrefix(e.ZIP, "00000") {
		return ""
	}
	return strings.TrimSuffix(e.ZIP, "-0000")
}

// Deductible reports whether the IRS says that contributions are deductible, by law or by treaty.
func (e RegistryEntry) Deductible() bool { return e.Deductibility == "1" || e.Deductibility == "4" }

// Subordinate reports whether the entry is exempt through a parent's group exemption.
func (e RegistryEntry) Subordinate() bool { return strings.Trim(e.GroupNumber, "0") != "" }

// DeductibilityText says in words whether gifts are deductible.
func (e RegistryEntry) DeductibilityText() string {
	switch e.Deductibility {
	case "1":
		return "Contributions are deductible"
	case "2":
		return "Contributions are not deductible"
	case "4":
		return "Contributions are deductible by treaty"
	}
	return "The IRS does not say whether contributions are deductible"
}

// StatusText says in words where the exemption stands.
func (e RegistryEntry) StatusText() string {
	if e.RemovedAt != nil {
		return "No longer listed by the IRS"
	}
	switch e.Status {
	case "01":
		return "Exempt without conditions"
	case "02":
		return "Exempt with conditions"
	case "12":
		return "Trust described in section 4947(a)(2)"
	case "25":
		return "Ending its private foundation status"
	}
	return "IRS status " + e.Status
}

// SubsectionText names the paragraph of the law the exemption rests on.
func (e RegistryEntry) SubsectionText() string {
	switch e.Subsection {
	case "":
		return ""
	case "91", "92":
		return "4947(a)(1)"
	}
	return "501(c)(" + strings.TrimLeft(e.Subsection, "0") + ")"
}

// RulingText is the month of the ruling letter as "2002-07", the year alone when the month is not known, or nothing.
func (e RegistryEntry) RulingText() string {
	switch {
	case len(e.Ruling) != 6 || e.Ruling == "000000":
		return ""
	case e.Ruling[4:] == "00":
		return e.Ruling[:4]
	}
	return e.Ruling[:4] + "-" + e.Ruling[4:]
}

// Warnings says in words what someone who claims or gives on the strength of this entry has to know. None means that nothing stands out.
func (e RegistryEntry) Warnings() []string {
	var warnings []string
	if e.RemovedAt != nil {
		warnings = append(warnings, "The newest IRS file no longer lists this organization. Its exemption may have been revoked.")
	}
	if !e.Deductible() {
		warnings = append(warnings, e.DeductibilityText()+": receipts must not promise a deduction.")
	}
	if e.Status != "01" && e.Status != "02" {
		warnings = append(warnings, e.StatusText()+".")
	}
	return warnings
}
