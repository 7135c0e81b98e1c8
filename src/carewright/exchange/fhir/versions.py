"""
Is this FHIR R4? Files do not say so of themselves; older and newer releases are told by fields only they have.

The newest CMS feeds are R4, but BCDA v1 and Blue Button v1 are STU3, and a record system set up long ago may still write
DSTU2. Reading those as R4 would lose what they say without a word, so each such resource is set aside and says which
release it looks like and what to ask for.
"""

from typing import Any

from carewright.exchange.fhir.values import Unreadable

R4 = frozenset(
    [
        "Account",
        "ActivityDefinition",
        "AdverseEvent",
        "AllergyIntolerance",
        "Appointment",
        "AppointmentResponse",
        "AuditEvent",
        "Basic",
        "Binary",
        "BiologicallyDerivedProduct",
        "BodyStructure",
        "Bundle",
        "CapabilityStatement",
        "CarePlan",
        "CareTeam",
        "CatalogEntry",
        "ChargeItem",
        "ChargeItemDefinition",
        "Claim",
        "ClaimResponse",
        "ClinicalImpression",
        "CodeSystem",
        "Communication",
        "CommunicationRequest",
        "CompartmentDefinition",
        "Composition",
        "ConceptMap",
        "Condition",
        "Consent",
        "Contract",
        "Coverage",
        "CoverageEligibilityRequest",
        "CoverageEligibilityResponse",
        "DetectedIssue",
        "Device",
        "DeviceDefinition",
        "DeviceMetric",
        "DeviceRequest",
        "DeviceUseStatement",
        "DiagnosticReport",
        "DocumentManifest",
        "DocumentReference",
        "EffectEvidenceSynthesis",
        "Encounter",
        "Endpoint",
        "EnrollmentRequest",
        "EnrollmentResponse",
        "EpisodeOfCare",
        "EventDefinition",
        "Evidence",
        "EvidenceVariable",
        "ExampleScenario",
        "ExplanationOfBenefit",
        "FamilyMemberHistory",
        "Flag",
        "Goal",
        "GraphDefinition",
        "Group",
        "GuidanceResponse",
        "HealthcareService",
        "ImagingStudy",
        "Immunization",
        "ImmunizationEvaluation",
        "ImmunizationRecommendation",
        "ImplementationGuide",
        "InsurancePlan",
        "Invoice",
        "Library",
        "Linkage",
        "List",
        "Location",
        "Measure",
        "MeasureReport",
        "Media",
        "Medication",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationKnowledge",
        "MedicationRequest",
        "MedicationStatement",
        "MedicinalProduct",
        "MedicinalProductAuthorization",
        "MedicinalProductContraindication",
        "MedicinalProductIndication",
        "MedicinalProductIngredient",
        "MedicinalProductInteraction",
        "MedicinalProductManufactured",
        "MedicinalProductPackaged",
        "MedicinalProductPharmaceutical",
        "MedicinalProductUndesirableEffect",
        "MessageDefinition",
        "MessageHeader",
        "MolecularSequence",
        "NamingSystem",
        "NutritionOrder",
        "Observation",
        "ObservationDefinition",
        "OperationDefinition",
        "OperationOutcome",
        "Organization",
        "OrganizationAffiliation",
        "Parameters",
        "Patient",
        "PaymentNotice",
        "PaymentReconciliation",
        "Person",
        "PlanDefinition",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "Provenance",
        "Questionnaire",
        "QuestionnaireResponse",
        "RelatedPerson",
        "RequestGroup",
        "ResearchDefinition",
        "ResearchElementDefinition",
        "ResearchStudy",
        "ResearchSubject",
        "RiskAssessment",
        "RiskEvidenceSynthesis",
        "Schedule",
        "SearchParameter",
        "ServiceRequest",
        "Slot",
        "Specimen",
        "SpecimenDefinition",
        "StructureDefinition",
        "StructureMap",
        "Subscription",
        "Substance",
        "SubstanceNucleicAcid",
        "SubstancePolymer",
        "SubstanceProtein",
        "SubstanceReferenceInformation",
        "SubstanceSourceMaterial",
        "SubstanceSpecification",
        "SupplyDelivery",
        "SupplyRequest",
        "Task",
        "TerminologyCapabilities",
        "TestReport",
        "TestScript",
        "ValueSet",
        "VerificationResult",
        "VisionPrescription",
        "AdministrableProductDefinition",
        "Citation",
        "ClinicalUseDefinition",
        "EvidenceReport",
        "Ingredient",
        "ManufacturedItemDefinition",
        "MedicinalProductDefinition",
        "NutritionProduct",
        "PackagedProductDefinition",
        "RegulatedAuthorization",
        "SubscriptionStatus",
        "SubscriptionTopic",
        "SubstanceDefinition",
    ]
)
"""Every kind of resource of R4 and R4B."""

ELSEWHERE = {
    "MedicationOrder": "DSTU2", "DiagnosticOrder": "DSTU2", "ProcedureRequest": "STU3", "ReferralRequest": "STU3",
    "Sequence": "STU3", "BodySite": "STU3", "EligibilityRequest": "STU3", "ImagingManifest": "STU3",
    "DeviceUsage": "R5", "MedicationUsage": "R5", "Transport": "R5", "Permission": "R5", "InventoryItem": "R5",
}  # fmt: skip
"""Kinds that another release has and R4 does not."""

STU3, DSTU2, R5 = "STU3", "DSTU2", "R5"
MARKS: dict[str, dict[str, str]] = {
    "ExplanationOfBenefit": {"information": STU3, "totalCost": STU3, "hospitalization": STU3},
    "Claim": {"information": STU3, "hospitalization": STU3, "employmentImpacted": STU3},
    "Condition": {"assertedDate": STU3, "dateRecorded": DSTU2, "patient": DSTU2, "participant": R5},
    "Encounter": {"actualPeriod": R5, "patient": DSTU2, "incomingReferral": STU3, "admission": R5},
    "Observation": {"related": STU3, "comments": DSTU2, "context": STU3, "comment": STU3},
    "Procedure": {"notDone": STU3, "context": STU3, "notPerformed": DSTU2, "occurrenceDateTime": R5,
                  "occurrencePeriod": R5},
    "Immunization": {"notGiven": STU3, "date": STU3, "wasNotGiven": DSTU2, "reported": DSTU2},
    "MedicationRequest": {"context": STU3, "medication": R5},
    "MedicationDispense": {"medication": R5, "notDoneCodeableConcept": STU3},
    "MedicationStatement": {"taken": STU3, "wasNotTaken": DSTU2, "medication": R5, "reasonNotTaken": STU3},
    "MedicationAdministration": {"notGiven": STU3, "prescription": STU3, "medication": R5, "occurenceDateTime": R5},
    "AllergyIntolerance": {"assertedDate": STU3, "substance": DSTU2, "recordedDateTime": DSTU2},
    "Goal": {"statusReason": STU3, "targetDate": DSTU2, "status": STU3},
    "CarePlan": {"definition": STU3, "subjectPlan": DSTU2},
    "DocumentReference": {"indexed": STU3, "class": STU3, "created": STU3},
    "DiagnosticReport": {"context": STU3, "codedDiagnosis": STU3, "image": STU3},
    "CareTeam": {"context": STU3},
    "ServiceRequest": {"concern": R5},
    "Patient": {"animal": STU3},
    "Coverage": {"grouping": STU3, "insurer": R5},
    "Practitioner": {"practitionerRole": DSTU2, "role": STU3},
    "Appointment": {"incomingReferral": STU3, "indication": STU3},
}  # fmt: skip
"""For each kind we read: fields R4 does not have, and the release they are from."""

ASK = {
    STU3: "Ask for FHIR R4 (from CMS: the v2 address of BCDA, AB2D or Blue Button).",
    DSTU2: "Ask for FHIR R4; most record systems offer it beside DSTU2.",
    R5: "Ask for FHIR R4, the release US rules require.",
}

_marked = {kind: frozenset(marks) for kind, marks in MARKS.items()}
_stated = frozenset({"Condition", "AllergyIntolerance"})


def check(kind: str, resource: dict[str, Any]) -> None:
    """Say nothing of an R4 resource; `Unreadable` for one that looks like another release."""
    marked = _marked.get(kind)
    if marked is not None and not marked.isdisjoint(resource):
        field = next(name for name in MARKS[kind] if name in resource)
        release = MARKS[kind][field]
        raise Unreadable(field, f"a field of FHIR {release}", f"{kind} as FHIR R4 writes it", ASK[release])
    if kind == "ExplanationOfBenefit" and isinstance(resource.get("insurance"), dict):
        raise Unreadable(
            "insurance", "an object, as STU3 wrote it", "a list of insurances, as FHIR R4 writes it", ASK[STU3]
        )
    if kind in _stated and isinstance(resource.get("clinicalStatus"), str):
        raise Unreadable(
            "clinicalStatus", f"the text {resource['clinicalStatus']!r}, as STU3 wrote it",
            "a CodeableConcept, as FHIR R4 writes it", ASK[STU3],
        )  # fmt: skip


def unknown(kind: Any) -> Unreadable:
    """The sentence for a resourceType that FHIR R4 does not have."""
    release = ELSEWHERE.get(kind) if isinstance(kind, str) else None
    if release:
        return Unreadable("resourceType", f"{kind}, a kind of FHIR {release}", "a kind of FHIR R4", ASK[release])
    found = "nothing" if kind is None else repr(kind)[:60]
    return Unreadable(
        "resourceType", found, "the name of a FHIR R4 resource, such as Patient", "Check that this is a FHIR file."
    )
