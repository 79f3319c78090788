package import NodeModel

extension Check {
    /// Whether the evidence was asked for, by everybody who can say so.
    ///
    /// The API's word counts before the runtime's record; where the API was asked and cannot tell of this container,
    /// nobody knows. What not even the record asks for stays undeclared.
    package func declaration(of evidence: Evidence, in index: NodeIndex) -> Declaration {
        guard evidence.declaration == .declaredByRuntime || evidence.declaration == .unknown,
            let container = evidence.container
        else { return evidence.declaration }
        if let declares, let request = index.request(of: container) {
            return declares(request, evidence).map { $0 ? .declared : .undeclared } ?? evidence.declaration
        }
        guard index.node.apiPods != nil else { return evidence.declaration }
        switch index.matching.matches[container] {
        case .unknown, .unknownContainer, .podGone: return .unknown
        case .noPod, .sandbox, .container: return evidence.declaration
        }
    }

    /// The API answered, and what the container was given is not what its pod asks for.
    package func contradictsAPI(_ evidence: Evidence, in index: NodeIndex) -> Bool {
        evidence.declaration != .undeclared && declaration(of: evidence, in: index) == .undeclared
    }
}
