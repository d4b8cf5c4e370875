using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SignerCluster.Host.Http;

/// <summary>Reads query parameters strictly: a misspelt or repeated one is a mistake that must not pass for a default.</summary>
internal static class Query
{
    /// <summary>False with a problem when there is a parameter that is not among <paramref name="known"/>, or one of them more than once.</summary>
    internal static bool TryCheck(IQueryCollection query, ReadOnlySpan<string> known, [NotNullWhen(false)] out Problem? problem)
    {
        problem = null;
        foreach (string name in query.Keys)
        {
            if (!known.Contains(name))
            {
                problem = Problem.Malformed("unknown_parameter", $"The parameters here are: {string.Join(", ", known!)}.");
                return false;
            }

            if (query[name].Count != 1)
            {
                problem = Problem.Malformed("duplicate_parameter", $"The parameter {name} is there more than once.", ("parameter", name));
                return false;
            }
        }

        return true;
    }

    /// <summary>A whole number of 64 bits without sign, of a parameter that is there.</summary>
    internal static bool TryReadAmount(IQueryCollection query, string name, out ulong? value, [NotNullWhen(false)] out Problem? problem)
    {
        bool isRead = ulong.TryParse(query[name], NumberStyles.None, CultureInfo.InvariantCulture, out ulong amount);
        value = isRead ? amount : null;
        problem = isRead ? null : Problem.Malformed($"{name}_invalid", $"The parameter {name} is a whole number in 0..{ulong.MaxValue}.");
        return isRead;
    }

    /// <summary>A whole number within bounds, or the default when the parameter is not there.</summary>
    internal static bool TryReadNumber(
        IQueryCollection query, string name, int minimum, int maximum, int defaultValue, out int value, [NotNullWhen(false)] out Problem? problem)
    {
        problem = null;
        value = defaultValue;
        if (!query.TryGetValue(name, out var text)
            || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= minimum && value <= maximum))
        {
            return true;
        }

        problem = Problem.Malformed(
            $"{name}_invalid", $"The parameter {name} is a whole number in {minimum}..{maximum}.", ("minimum", minimum), ("maximum", maximum));
        return false;
    }
}
