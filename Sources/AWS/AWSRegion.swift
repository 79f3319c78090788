/// Regions of AWS.
package enum AWSRegion {
    /// From AWS_REGION, AWS_DEFAULT_REGION or instance metadata, in that order.
    package static func find(
        environment: [String: String], metadata: InstanceMetadata, at time: Int64
    ) throws(AWSError) -> String {
        let names = ["AWS_REGION", "AWS_DEFAULT_REGION"]
        guard let name = names.first(where: { environment[$0]?.isEmpty == false }) else {
            return try metadata.region(at: time)
        }
        guard let region = environment[name], isName(region) else {
            throw .malformed(source: "environment", what: name)
        }
        return region
    }

    /// The domain of its services' host names, by its name alone.
    package static func domain(of region: String) -> String {
        region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    }

    /// Whether it may be a part of a host name.
    static func isName(_ text: some StringProtocol) -> Bool {
        let isAllowed = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        return (1...63).contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed) && !text.hasPrefix("-")
    }

    static func isDomain(_ text: String) -> Bool {
        text.utf8.count < 254 && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isName($0) }
    }
}
