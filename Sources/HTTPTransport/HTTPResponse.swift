/// What a server answered.
package struct HTTPResponse: Sendable, Equatable {
    /// 200 to 599.
    package let status: Int
    /// In the order in which they came.
    package let headers: [HTTPHeader]
    /// Empty when it was streamed.
    package let body: [UInt8]

    package var isSuccess: Bool { (200..<300).contains(status) }

    /// The value of the first header of that name, in whatever case.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }
}
