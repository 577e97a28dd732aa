"""The specimen institutions and their offices' files: real input, invented people.

`python -m tanu.demo.write_files` writes the files again from `tanu.demo.content`, byte for byte the same.
"""

FILES: dict[str, tuple[str, str]] = {
    "certification-list.xlsx": ("MicroCredentialCertificate", "specimen-university"),
    "recognition-decisions.csv": ("ProfessionalQualificationRecognition", "specimen-centre"),
    "commission-minutes.xlsx": ("LearningRecognitionDecision", "specimen-college"),
    "final-attestation.xlsx": ("ShortTermTrainingCertificate", "specimen-training"),
    "supplement-requests.csv": ("CertificateSupplement", "specimen-university"),
}
"""File → (kind, institution), in the order of issuing: a supplement needs its parent."""
