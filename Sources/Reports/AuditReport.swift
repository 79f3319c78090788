package import Manifests
import NodeModel
package import PodSecurity

/// How the pods of manifests are judged.
package enum AuditRules: Sendable {
    case standards(PodSecurityLevel, PodSecurityVersion)
    case policies([PodSecurityPolicy])
}

/// What is to be said of the pods of some manifests.
package struct AuditReport: Sendable {
    /// One pod, or the pods that one object makes, with the judgement.
    struct Entry: Sendable {
        let file: String
        let document: Int
        let kind: String
        let namespace: String?
        let name: String?
        let violations: [Violation]
        /// The refusal as the API gives it; `nil` if the pod is allowed.
        let refusal: String?
        /// The policy that admits it.
        let policy: String?
    }

    /// What a check of the standards, or a policy, has against a pod.
    struct Violation: Sendable, Equatable {
        let check: String
        let reason: String
        let detail: String
    }

    /// An object without pods.
    struct PassedOver: Sendable {
        let file: String
        let object: WorkloadFile.PassedOver
    }

    let rules: AuditRules
    private(set) var entries: [Entry] = []
    private(set) var passedOver: [PassedOver] = []
    private(set) var warnings: [ManifestError] = []
    private(set) var errors: [ManifestError] = []

    package init(by rules: AuditRules) { self.rules = rules }

    /// Judges the pods of a file.
    package mutating func add(_ file: WorkloadFile) {
        entries += file.templates.map { entry($0, of: file.name) }
        passedOver += file.passedOver.map { PassedOver(file: file.name, object: $0) }
        warnings += file.warnings
        errors += file.errors
    }

    /// 0 all allowed, 1 some not, 2 something could not be read.
    package var exitCode: Int32 {
        if !errors.isEmpty { return 2 }
        return entries.contains { $0.refusal != nil } ? 1 : 0
    }

    private func entry(_ template: WorkloadFile.Template, of file: String) -> Entry {
        let violations: [Violation]
        let refusal: String?
        var policy: String?
        switch rules {
        case .standards(let level, let version):
            var pod = template.pod
            pod.spec = pod.spec.withAPIDefaults()
            let verdict = PodSecurityStandards.evaluate(pod, level: level, version: version)
            violations = verdict.violations.map {
                Violation(check: $0.check, reason: $0.reason, detail: $0.detail)
            }
            refusal = verdict.refusal
        case .policies(let policies):
            let admission = PolicyAdmission(of: template.pod, by: policies)
            violations = admission.violations
            refusal = admission.refusal(of: template.pod.metadata)
            if case .admitted(let name, _) = admission { policy = name }
        }
        return Entry(
            file: file, document: template.document, kind: template.kind.rawValue, namespace: template.namespace,
            name: template.name, violations: violations, refusal: refusal, policy: policy)
    }
}

extension PolicyAdmission {
    /// What all policies have against a pod, in the form of the standards' violations.
    fileprivate var violations: [AuditReport.Violation] {
        let check = "podSecurityPolicy"
        switch self {
        case .admitted: return []
        case .noProviders:
            let reason = "no providers available to validate pod request"
            return [AuditReport.Violation(check: check, reason: reason, detail: "")]
        case .refused(let errors):
            return errors.map { AuditReport.Violation(check: check, reason: $0.detail, detail: $0.description) }
        }
    }
}
