namespace SignerCluster.Bitcoin.Addresses;

/// <summary>A network as addresses tell them apart. Testnet and signet share the prefix <c>tb</c>.</summary>
public enum Network
{
    Mainnet,
    Testnet,
    Regtest,
}
