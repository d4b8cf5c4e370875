using SignerCluster.Bitcoin.Addresses;
using SignerCluster.Bitcoin.Transactions;

namespace SignerCluster.Bitcoin.Tests;

public sealed class DerivationPathTests
{
    [Theory]
    [InlineData("m")]
    [InlineData("m/0/0")]
    [InlineData("m/1/2147483647")]
    [InlineData("m/1/2/3/4/5/6/7")]
    public void A_path_has_one_text_and_is_equal_by_value(string text)
    {
        Assert.True(DerivationPath.TryParse(text, out DerivationPath? path, out BitcoinRefusal? refusal), refusal?.ToString());
        Assert.Equal(text, path.ToString());
        Assert.True(DerivationPath.TryFrom(path.Steps, out DerivationPath? again, out _));
        Assert.True(path == again && path.GetHashCode() == again.GetHashCode());
        Assert.Equal(text == "m", path == DerivationPath.Root);
    }

    [Theory]
    [InlineData("", RefusalCodes.PathMalformed)]
    [InlineData("0/5", RefusalCodes.PathMalformed)]
    [InlineData("M/0", RefusalCodes.PathMalformed)]
    [InlineData("m/", RefusalCodes.PathMalformed)]
    [InlineData("m//1", RefusalCodes.PathMalformed)]
    [InlineData("m/05", RefusalCodes.PathMalformed)]
    [InlineData("m/+5", RefusalCodes.PathMalformed)]
    [InlineData("m/ 5", RefusalCodes.PathMalformed)]
    [InlineData("m/4294967296", RefusalCodes.PathMalformed)]
    [InlineData("m/0'", RefusalCodes.PathHardened)]
    [InlineData("m/86h/0", RefusalCodes.PathHardened)]
    [InlineData("m/2147483648", RefusalCodes.PathHardened)]
    [InlineData("m/1/2/3/4/5/6/7/8", RefusalCodes.PathTooDeep)]
    public void What_is_no_path_without_hardened_steps_is_refused(string text, string code)
    {
        Assert.False(DerivationPath.TryParse(text, out _, out BitcoinRefusal? refusal));
        Assert.Equal(code, refusal.Code);
    }
}
