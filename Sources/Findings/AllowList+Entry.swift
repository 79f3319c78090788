package import Checks
import NodeModel

extension AllowList {
    /// One decision: these findings of these pods.
    package struct Entry: Sendable, Equatable {
        package let name: String
        /// Why, in the operator's words.
        package let reason: String
        package let pods: PodPattern
        /// Findings that any of them covers are meant.
        package let rules: [Rule]
        /// Milliseconds since 1970-01-01 UTC from when on it counts no more.
        package let expires: Int64?

        package init(
            name: String, reason: String, pods: PodPattern, rules: [Rule], expires: Int64? = nil
        ) throws(AllowListError) {
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .noReason }
            guard !pods.isEveryPod else { throw .everyPod }
            guard !rules.isEmpty else { throw .noRule }
            let techniques = rules.reduce(into: Set()) { $0.formUnion($1.techniques) }
            if rules.contains(where: \.hasPattern), Rule.isEverything(techniques) { throw .everyTechnique }
            self.init(name, reason, pods, rules, expires)
        }

        /// The same findings under another name, of other pods.
        package func renamed(_ name: String, _ pods: PodPattern) -> Entry {
            Entry(name, reason, pods, rules, expires)
        }

        private init(_ name: String, _ reason: String, _ pods: PodPattern, _ rules: [Rule], _ expires: Int64?) {
            self.name = name
            self.reason = reason
            self.pods = pods
            self.rules = rules
            self.expires = expires
        }

        func isExpired(at time: Int64) -> Bool { expires.map { $0 <= time } ?? false }

        /// How far the entry means this finding.
        func coverage(of finding: Finding, at time: Int64) -> Coverage {
            if isExpired(at: time) { return .no }
            return min(pods.coverage(of: finding), rules.map { $0.coverage(of: finding) }.max() ?? .no)
        }
    }

    /// How far a finding is meant: of the parts of an entry the least counts, of alternatives the most.
    enum Coverage: Comparable {
        case no
        /// As far as the node itself tells; the rest only the Kubernetes API knows, which cannot tell of the container.
        case unconfirmed
        case yes
    }

    /// Which pods an entry is about.
    ///
    /// One whose name is not known is never meant.
    package struct PodPattern: Sendable, Equatable {
        package var namespace: NamePattern
        package var pod: NamePattern
        /// The object that manages the pod, as `DaemonSet/aws-node`; a Deployment's pods are managed by its ReplicaSet.
        package var owner: NamePattern?
        package var serviceAccount: NamePattern?

        package init(
            namespace: NamePattern, pod: NamePattern = NamePattern("*"), owner: NamePattern? = nil,
            serviceAccount: NamePattern? = nil
        ) {
            self.namespace = namespace
            self.pod = pod
            self.owner = owner
            self.serviceAccount = serviceAccount
        }

        var isEveryPod: Bool {
            // Of the owner the name counts: every pod of a DaemonSet is of `DaemonSet/*`, and of `DaemonSet*`.
            let parts = owner?.text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            let ownerName = parts.map { NamePattern($0.count == 2 ? String($0[1]) : "*") }
            return namespace.isAnything && pod.isAnything && ownerName?.isAnything ?? true
                && serviceAccount?.isAnything ?? true
        }

        func coverage(of finding: Finding) -> Coverage {
            guard let podNamespace = finding.pod?.namespace, let podName = finding.pod?.name,
                namespace.matches(podNamespace), pod.matches(podName)
            else { return .no }
            if owner == nil && serviceAccount == nil { return .yes }
            // Owner and account are the API's word: what the API does not declare they cannot excuse.
            switch finding.declared {
            case .declared: return finding.podFacts.map(isManaged) == true ? .yes : .no
            case .unknown: return finding.podFacts.map(isManaged) == false ? .no : .unconfirmed
            case .declaredByRuntime, .undeclared: return .no
            }
        }

        private func isManaged(_ facts: Finding.PodFacts) -> Bool {
            owner.map { facts.managers.contains(where: $0.matches) } ?? true
                && serviceAccount.map { $0.matches(facts.serviceAccount ?? "") } ?? true
        }
    }

    /// Which findings of a pod an entry is about.
    package struct Rule: Sendable, Equatable {
        /// The ids that the patterns stand for.
        package let techniques: Set<String>
        /// Where not empty, the image that the container's specification names has to be of one of these; and so its name,
        /// and the number of the user that it is to run as.
        package let images: [ImageRepository]
        package let containers: [String]
        /// As `containers`, of those that end before the pod's others start: a sidecar, which stays, is none.
        package let initContainers: [String]
        package let users: [Int64]
        /// What a finding's evidence must have, each by one of the values; all of a list must be among them.
        package let evidence: [String: [EvidenceValue]]
        let hasPattern: Bool

        /// - Parameter techniques: ids, or patterns of ids; a pattern stands for exposures alone. Actions and residues
        ///   have to be named, and their evidence too: whoever does the same in another way is not meant.
        package init(
            techniques: [NamePattern], images: [ImageRepository] = [], containers: [String] = [],
            initContainers: [String] = [], users: [Int64] = [], evidence: [String: [EvidenceValue]] = [:]
        ) throws(AllowListError) {
            guard !techniques.isEmpty else { throw .noTechnique }
            // Of most findings it is true or false of many others too.
            let hasEvidence = evidence.values.contains { values in
                !values.contains { if case .flag = $0 { true } else { false } }
            }
            var ids: Set<String> = []
            for pattern in techniques { ids.formUnion(try Self.ids(pattern, hasEvidence: hasEvidence)) }
            hasPattern = !techniques.allSatisfy(\.isExact)
            if hasPattern, Self.isEverything(ids) { throw .everyTechnique }
            // Another content in the same place is another deed.
            let files = ids.sorted().first { id in
                Check.named(id).map { $0.reads.contains(.nodeFiles) || $0.write != nil } ?? false
            }
            if let files, evidence["sha256"] == nil, evidence["target"] == nil { throw .noContent(files) }
            self.techniques = ids
            self.images = images
            self.containers = containers
            self.initContainers = initContainers
            self.users = users
            self.evidence = evidence
        }

        static func isEverything(_ ids: Set<String>) -> Bool {
            Check.all.map(\.technique).allSatisfy { $0.findingClass != .exposure || ids.contains($0.id) }
        }

        private static func ids(_ pattern: NamePattern, hasEvidence: Bool) throws(AllowListError) -> [String] {
            if pattern.isAnything { throw .everyTechnique }
            let matching = Check.all.map(\.technique).filter { pattern.matches($0.id) }
            guard let first = matching.first else { throw .unknownTechnique(pattern.text) }
            if pattern.isExact {
                guard first.findingClass == .exposure || hasEvidence else { throw .noEvidence(first.id) }
                return [first.id]
            }
            let exposures = matching.filter { $0.findingClass == .exposure }
            guard !exposures.isEmpty else { throw .patternOfActions(pattern.text) }
            return exposures.map(\.id)
        }

        func coverage(of finding: Finding) -> Coverage {
            guard techniques.contains(finding.technique.id) else { return .no }
            let isAsSeen = evidence.allSatisfy { name, values in
                guard let found = finding.evidence[name] else { return false }
                if case .list(let texts) = found { return texts.allSatisfy { values.contains(.text($0)) } }
                return values.contains(found)
            }
            let isOfAny = images.isEmpty && containers.isEmpty && initContainers.isEmpty && users.isEmpty
            guard isAsSeen, !isOfAny else { return isAsSeen ? .yes : .no }
            guard let specified = finding.podFacts?.containers, !specified.isEmpty else {
                return finding.container.map(mayBeMeant) == true ? .unconfirmed : .no
            }
            return specified.allSatisfy(isMeant) ? .yes : .no
        }

        /// By what the runtime's record says alone; of a sandbox the pod's containers count, of which it says nothing.
        private func mayBeMeant(_ container: Finding.ContainerSummary) -> Bool {
            guard !container.isSandbox else { return true }
            let image = container.image.flatMap { ImageRepository(ofImage: $0) }
            let name = container.name
            return (images.isEmpty || image.map { image in images.contains { $0.matches(image) } } ?? true)
                && [containers, initContainers].allSatisfy { $0.isEmpty || name.map($0.contains) ?? true }
        }

        private func isMeant(_ container: Finding.PodFacts.ContainerFacts) -> Bool {
            let image = ImageRepository(ofImage: container.image)
            return (images.isEmpty || image.map { image in images.contains { $0.matches(image) } } ?? false)
                && (containers.isEmpty || containers.contains(container.name))
                && (initContainers.isEmpty || container.isInit && initContainers.contains(container.name))
                && (users.isEmpty || container.user.map { users.contains($0) } ?? false)
        }
    }
}

extension Finding.PodFacts {
    /// `KIND/NAME` of what manages the pod, and of the Deployment behind it: its ReplicaSets have its name and a hash
    /// (kubernetes pkg/controller/deployment/sync.go, rand.SafeEncodeString).
    ///
    /// Anybody may name an owner; a pod that says it is managed by one its controller takes for its own, and ends.
    fileprivate var managers: [String] {
        guard let owner, owner.controller == true else { return [] }
        let manager = "\(owner.kind)/\(owner.name)"
        guard owner.kind == "ReplicaSet", let dash = owner.name.lastIndex(of: "-") else { return [manager] }
        let hash = owner.name[owner.name.index(after: dash)...].utf8
        let isHash = (1...10).contains(hash.count) && hash.allSatisfy("bcdfghjklmnpqrstvwxz2456789".utf8.contains)
        return isHash ? [manager, "Deployment/\(owner.name[..<dash])"] : [manager]
    }
}

/// Why an entry of an allow-list is none.
package enum AllowListError: Error, Sendable, Equatable, CustomStringConvertible {
    case noReason
    case everyPod
    case everyTechnique
    case noRule
    case noTechnique
    case unknownTechnique(String)
    case patternOfActions(String)
    case noEvidence(String)
    case noContent(String)

    package var description: String {
        switch self {
        case .noReason: "there is nothing in it"
        case .everyPod: "it covers every pod"
        case .everyTechnique: "it would cover every technique"
        case .noRule: "it names no findings"
        case .noTechnique: "it names no technique"
        case .unknownTechnique(let text): "there is no technique \"\(text)\" ('breakoutd explain' lists all of them)"
        case .patternOfActions(let text): "\"\(text)\" stands for no exposure; an action is allowed by its whole name"
        case .noEvidence(let id): "\(id) is no exposure: true and false aside, it takes values of its evidence"
        case .noContent(let id): "\(id) is allowed only together with the file's sha256, or the target of a link"
        }
    }
}
