/// A standard topic of Amazon SNS, by its ARN.
package struct NotificationTopic: Sendable, Equatable {
    package let arn: String
    package let region: String
    /// The address of the service, without a slash at its end.
    package let endpoint: String
    /// What is signed: the host, with its port where the address has one.
    let host: String

    /// Refuses what is no ARN of a standard topic, `arn:PARTITION:sns:REGION:ACCOUNT:NAME`, and an endpoint that is no
    /// address.
    ///
    /// A FIFO topic is none: it wants a group and an order.
    ///
    /// - Parameter endpoint: an `http` or `https` address in place of the region's own, such as that of a VPC endpoint.
    package init?(arn: String, endpoint: String? = nil) {
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].isName(with: "-"), parts[2] == "sns" else { return nil }
        guard parts[3].isName(with: "-"), parts[4].utf8.count == 12, parts[4].allSatisfy(\.isWholeNumber) else {
            return nil
        }
        guard parts[5].isName(with: "-_"), parts[5].utf8.count <= 256 else { return nil }
        region = String(parts[3])
        let address = endpoint ?? "https://sns.\(region).\(Region.servicesDomain(of: region))"
        guard let host = LogDestination.host(of: address) else { return nil }
        self.arn = arn
        self.host = host
        self.endpoint = address.hasSuffix("/") ? String(address.dropLast()) : address
    }
}
