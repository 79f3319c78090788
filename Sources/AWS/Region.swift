/// Regions and the domains of their services.
package enum Region {
    /// The region that the environment names, or that of the instance; `nil` where neither knows.
    package static func current(
        environment: [String: String], metadata: InstanceMetadata, at now: Int64
    ) throws(AWSError) -> String? {
        for variable in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
            guard let region = environment[variable], !region.isEmpty else { continue }
            guard region.isName(with: "-") else { throw .invalidVariable(variable) }
            return region
        }
        return try metadata.value(of: .region, at: now)
    }

    /// The domain of the services of a region, by its partition (botocore, data/partitions.json).
    package static func servicesDomain(of region: String) -> String {
        partitions.first { region.hasPrefix($0.prefix) }?.domain ?? "amazonaws.com"
    }

    private static let partitions = [
        (prefix: "cn-", domain: "amazonaws.com.cn"), (prefix: "us-iso-", domain: "c2s.ic.gov"),
        (prefix: "us-isob-", domain: "sc2s.sgov.gov"), (prefix: "us-isof-", domain: "csp.hci.ic.gov"),
        (prefix: "eu-isoe-", domain: "cloud.adc-e.uk"), (prefix: "eusc-", domain: "amazonaws.eu"),
    ]
}
