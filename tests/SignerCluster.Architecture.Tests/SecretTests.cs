using System.Reflection;
using SignerCluster.Actors.SigningSessions;
using SignerCluster.Frost.KeyGeneration;
using SignerCluster.Frost.Round1;
using SignerCluster.Secp256k1;

namespace SignerCluster.Architecture.Tests;

/// <summary>N2: what holds a secret cannot be printed, copied or compared by accident, and can be destroyed.</summary>
public sealed class SecretTests
{
    private const BindingFlags AllFields = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;
    private static readonly Type[] _roots = [typeof(SecretScalar), typeof(SecretShare), typeof(SecretNonce)];

    private static IReadOnlyList<Type> Holders => FindHolders();

    [Fact]
    public void N2_The_search_finds_the_holders_of_secrets_that_are_known()
    {
        Type[] known = [.. _roots, typeof(NonceVault), typeof(SecretNonces), typeof(TakenNonce), typeof(Dealing)];
        Assert.All(known, static type => Assert.Contains(type, Holders));
    }

    [Fact]
    public void N2_No_type_that_holds_a_secret_is_a_record()
    {
        Assert.DoesNotContain(Holders, Records.IsRecord);
    }

    [Fact]
    public void N2_Every_type_that_owns_a_secret_says_so_instead_of_showing_it()
    {
        IEnumerable<string> silent = Holders
            .Where(static type => type.IsVisible && typeof(IDisposable).IsAssignableFrom(type))
            .Where(static type => type.GetMethod(nameof(ToString), Type.EmptyTypes)!.DeclaringType != type)
            .Select(static type => $"{type} inherits its ToString");
        Assert.Empty(silent);
    }

    [Fact]
    public void N2_No_secret_can_be_serialised_through_a_public_property()
    {
        IEnumerable<string> shown = Holders.SelectMany(static type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            .Where(static property => property.PropertyType == typeof(byte[]) || property.PropertyType == typeof(ReadOnlyMemory<byte>)
                || property.PropertyType == typeof(SecretScalar))
            .Select(static property => $"{property.DeclaringType}.{property.Name}");
        Assert.Empty(shown);
    }

    [Fact]
    public void N2_No_secret_is_a_member_of_an_event_a_command_or_a_message()
    {
        IEnumerable<string> leaks = typeof(Protocol.SigningPackage).Assembly.GetTypes()
            .SelectMany(static type => type.GetFields(AllFields))
            .Where(static field => _roots.Any(root => Mentions(field.FieldType, root)))
            .Select(static field => $"{field.DeclaringType}.{field.Name}");
        Assert.Empty(leaks);
    }

    [Fact]
    public void N2_A_secret_formats_as_redacted_in_every_phase_of_its_life()
    {
        byte[] entropy = [.. Enumerable.Range(1, 32).Select(static value => (byte)value)];
        SecretScalar scalar = SecretScalar.Parse(entropy);
        using Dealing dealing = Dealer.Deal(entropy, 2, 3).Value;
        SecretNonce nonce = NonceGeneration.Generate(entropy);
        byte[] secret32 = new byte[32];
        dealing.Shares[0].CopyTo(secret32);

        foreach (object secret in (object[])[scalar, dealing, dealing.Shares[0], nonce])
        {
            string text = $"{secret}";
            Assert.Contains("<redacted>", text, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToHexString(entropy), text, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToHexString(secret32), text, StringComparison.OrdinalIgnoreCase);
            (secret as IDisposable)?.Dispose();
            Assert.Contains("<redacted>", $"{secret}", StringComparison.Ordinal);
        }
    }

    [Fact]
    public void N2_The_vault_gives_a_nonce_out_only_by_taking_it()
    {
        string[] giving = [.. typeof(NonceVault).GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Where(static method => Mentions(method.ReturnType, typeof(SecretNonce)) || Mentions(method.ReturnType, typeof(SecretNonces))
                || Mentions(method.ReturnType, typeof(TakenNonce)))
            .Select(static method => method.Name)];
        Assert.Equal(["Take"], giving);
        Assert.DoesNotContain(
            typeof(TakenNonce).GetProperties(),
            static property => Mentions(property.PropertyType, typeof(SecretNonce)) || Mentions(property.PropertyType, typeof(SecretNonces)));
    }

    /// <summary>All types of the product with a field, however deep, that is a secret; delegates and interfaces hide nothing of their own.</summary>
    private static List<Type> FindHolders()
    {
        Type[] all = [.. ((Assembly[])[typeof(SecretScalar).Assembly, typeof(SecretShare).Assembly, typeof(NonceVault).Assembly])
            .SelectMany(static assembly => assembly.GetTypes())
            .Where(static type => !type.Name.Contains('<', StringComparison.Ordinal))];
        List<Type> holders = [.. _roots];
        for (int before = 0; before != holders.Count;)
        {
            before = holders.Count;
            holders.AddRange(
                [.. all.Except(holders).Where(type => type.GetFields(AllFields).Any(field => holders.Any(holder => Mentions(field.FieldType, holder))))]);
        }

        // What merely refers to the vault is not a holder: it asks the vault.
        return [.. holders.Where(static type => _roots.Contains(type) || type == typeof(NonceVault)
            || type.GetFields(AllFields).Any(static field => !Mentions(field.FieldType, typeof(NonceVault)) && IsSecret(field.FieldType)))];
    }

    private static bool IsSecret(Type type) =>
        _roots.Any(root => Mentions(type, root)) || Mentions(type, typeof(SecretNonces)) || Mentions(type, typeof(TakenNonce))
        || Mentions(type, typeof(Dealing));

    private static bool Mentions(Type type, Type wanted) =>
        type == wanted
        || (type.HasElementType && Mentions(type.GetElementType()!, wanted))
        || (type.IsGenericType && !typeof(Delegate).IsAssignableFrom(type) && type.GetGenericArguments().Any(argument => Mentions(argument, wanted)));
}
