extension Check {
    /// Every check, in ascending order of technique id.
    package static let all: [Check] = [
    ]

    /// The check of a technique id.
    package static func named(_ id: String) -> Check? { all.first { $0.technique.id == id } }
}
